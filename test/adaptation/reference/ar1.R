# Exact maximum likelihood of AR(1) with a mean, by R's arima; output kept in ../ar1.test.ts.
series <- list(c(5, 7, 6, 9, 12, 10, 11, 14, 13, 12, 15, 16),
               c(20, 18, 25, 17, 26, 16, 27, 15, 24, 19, 23, 18),
               c(3, 3, 4, 3, 3, 8, 3, 3, 3, 4, 3, 3))
for (x in series) {
  fit <- arima(x, order = c(1, 0, 0), method = "ML", optim.control = list(reltol = 1e-15, maxit = 1000))
  cat(format(c(coef(fit)[["ar1"]], coef(fit)[["intercept"]], fit$sigma2, predict(fit)$pred[1]), digits = 12), "\n")
}
