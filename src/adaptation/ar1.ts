/** A stationary AR(1) around a mean: x[t] - mean = phi (x[t-1] - mean) + noise. */
export interface Ar1 {
	readonly mean: number;
	readonly phi: number;
	/** Variance of the noise. */
	readonly variance: number;
}

/**
 * Fits ARIMA(1,0,0) with a mean by exact Gaussian maximum likelihood (Hamilton, Time Series Analysis, 5.2). For a given
 * phi the mean and the variance are explicit; phi is found by golden-section search on the concentrated likelihood.
 *
 * @param x at least two values; a constant series has phi 0 and variance 0
 */
export function fitAr1(x: ArrayLike<number>): Ar1 {
	const first = x[0] as number;
	if (Array.prototype.every.call(x, (value: number) => value === first)) return { mean: first, phi: 0, variance: 0 };
	// A grid brackets the maximum, since the concentrated likelihood need not be unimodal on short series.
	const steps = 40;
	let best = 0;
	for (let k = -steps + 1; k < steps; k++) if (deviance(x, k / steps) < deviance(x, best / steps)) best = k;
	let low = Math.max(-0.999999, (best - 1) / steps);
	let high = Math.min(0.999999, (best + 1) / steps);
	const golden = (Math.sqrt(5) - 1) / 2;
	let a = high - golden * (high - low);
	let b = low + golden * (high - low);
	let atA = deviance(x, a);
	let atB = deviance(x, b);
	while (high - low > 1e-10) {
		if (atA < atB) {
			high = b;
			[b, atB] = [a, atA];
			a = high - golden * (high - low);
			atA = deviance(x, a);
		} else {
			low = a;
			[a, atA] = [b, atB];
			b = low + golden * (high - low);
			atB = deviance(x, b);
		}
	}
	const phi = (low + high) / 2;
	const mean = meanFor(x, phi);
	return { mean, phi, variance: squares(x, phi, mean) / x.length };
}

/** Forecast of the next value. */
export function forecastAr1({ mean, phi }: Ar1, last: number): number {
	return mean + phi * (last - mean);
}

/** n log(variance) - log(1 - phi^2): minus twice the log-likelihood up to a constant. */
function deviance(x: ArrayLike<number>, phi: number): number {
	return x.length * Math.log(squares(x, phi, meanFor(x, phi))) - Math.log(1 - phi * phi);
}

/** Generalised least squares mean under the AR(1) covariance. */
function meanFor(x: ArrayLike<number>, phi: number): number {
	let numerator = (1 + phi) * (x[0] as number);
	for (let t = 1; t < x.length; t++) numerator += (x[t] as number) - phi * (x[t - 1] as number);
	return numerator / (1 + phi + (x.length - 1) * (1 - phi));
}

function squares(x: ArrayLike<number>, phi: number, mean: number): number {
	let sum = (1 - phi * phi) * ((x[0] as number) - mean) ** 2;
	for (let t = 1; t < x.length; t++) sum += ((x[t] as number) - mean - phi * ((x[t - 1] as number) - mean)) ** 2;
	return sum;
}
