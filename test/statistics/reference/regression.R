# Reference values of regression and intervals by base R (Debian r-base-core).
# Run: Rscript test/statistics/reference/regression.R > test/fixtures/statistics/regression.json
options(digits = 17)

json <- function(value) {
  if (is.list(value)) {
    if (is.null(names(value))) return(paste0("[", paste(vapply(value, json, ""), collapse = ","), "]"))
    return(paste0("{", paste(sprintf("\"%s\":%s", names(value), vapply(value, json, "")), collapse = ",\n"), "}"))
  }
  text <- if (is.character(value)) sprintf("\"%s\"", value) else sprintf("%.17g", as.numeric(value))
  if (length(value) == 1 && !inherits(value, "AsIs")) text else paste0("[", paste(text, collapse = ","), "]")
}

fit_values <- function(fit, design) {
  s <- summary(fit)
  x <- model.matrix(fit)
  scaled <- sweep(x, 2, sqrt(colSums(x^2)), "/")
  singular <- svd(scaled)$d
  vif <- vapply(names(design), function(name) {
    others <- setdiff(names(design), name)
    if (length(others) == 0) return(1)
    1 / (1 - summary(lm(reformulate(others, name), data = design))$r.squared)
  }, 0)
  list(
    estimate = I(unname(s$coefficients[, 1])), standard_error = I(unname(s$coefficients[, 2])),
    t = I(unname(s$coefficients[, 3])), p = I(unname(s$coefficients[, 4])),
    low = I(unname(confint(fit)[, 1])), high = I(unname(confint(fit)[, 2])),
    r2 = s$r.squared, adjusted_r2 = s$adj.r.squared, residual_sd = s$sigma, rss = deviance(fit),
    residuals = I(unname(residuals(fit))), vif = I(unname(vif)), condition_number = max(singular) / min(singular)
  )
}

# Longley 1967, as R ships it.
longley_x <- longley[, c("GNP.deflator", "GNP", "Unemployed", "Armed.Forces", "Population", "Year")]
longley_fit <- lm(Employed ~ ., data = longley)

# A sweep like those of the study: 6 variants x 4 allocations x 3 batches, with noise.
set.seed(1)
sweep_data <- expand.grid(batch = c(1, 4, 16), cores = c(1, 2, 4, 8), variant = 1:6)
sweep_data$accuracy <- c(69.8, 73.3, 76.1, 77.4, 78.3, 78.8)[sweep_data$variant]
work <- c(1.8, 3.7, 4.1, 7.8, 11.5, 14.0)[sweep_data$variant]
sweep_data$latency <- round(work * sweep_data$batch^0.9 / sweep_data$cores^0.7 * exp(rnorm(72, 0, 0.1)) / 10, 4)
sweep_data$energy <- round(work * (1 + 1 / sweep_data$batch) * sweep_data$cores^0.2 * exp(rnorm(72, 0, 0.15)), 3)
predictors <- sweep_data[, c("cores", "batch", "accuracy", "latency")]
energy <- sweep_data$energy
full <- lm(energy ~ ., data = predictors)
smaller <- lm(energy ~ cores + accuracy, data = predictors)
through_origin <- lm(energy ~ 0 + cores + latency, data = predictors)

cat(json(list(
  source = R.version.string,
  longley = list(
    columns = lapply(longley_x, I), y = I(longley$Employed), fit = fit_values(longley_fit, longley_x)
  ),
  sweep = list(
    columns = lapply(predictors, I), energy = I(energy),
    full = fit_values(full, predictors),
    smaller = fit_values(smaller, predictors[, c("cores", "accuracy")]),
    through_origin = list(
      estimate = I(unname(coef(through_origin))), standard_error = I(unname(summary(through_origin)$coefficients[, 2])),
      r2 = summary(through_origin)$r.squared, adjusted_r2 = summary(through_origin)$adj.r.squared
    )
  ),
  t_interval = list(
    mean = mean(energy), sd = sd(energy), n = length(energy),
    low = t.test(energy)$conf.int[1], high = t.test(energy)$conf.int[2],
    low_90 = t.test(energy, conf.level = 0.9)$conf.int[1], high_90 = t.test(energy, conf.level = 0.9)$conf.int[2]
  ),
  fisher_z = list(
    r = cor(energy, predictors$latency), n = length(energy),
    low = cor.test(energy, predictors$latency)$conf.int[1], high = cor.test(energy, predictors$latency)$conf.int[2]
  )
)), "\n")
