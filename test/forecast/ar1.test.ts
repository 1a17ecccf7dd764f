import { describe, expect, test } from "vitest";
import { fitAr1, forecastAr1 } from "../../src/forecast/predictors.js";

// R 4.2 arima(order = c(1, 0, 0), method = "ML"): reference/ar1.R. Its optimiser stops near 1e-5 of the parameters.
describe.each([
	[[5, 7, 6, 9, 12, 10, 11, 14, 13, 12, 15, 16], 0.872002524941, 10.656095668006, 4.312319561613, 15.315993738546],
	[[20, 18, 25, 17, 26, 16, 27, 15, 24, 19, 23, 18], -0.888737152601, 20.808496710852, 2.379686790668, 23.304512080743],
	[[3, 3, 4, 3, 3, 8, 3, 3, 3, 4, 3, 3], -0.184169192076, 3.598856292934, 1.836461850096, 3.709147172574],
])("exact maximum likelihood against R, %j", (x, phi, mean, variance, next) => {
	test("parameters and forecast", () => {
		const fit = fitAr1(x);
		expect(fit.phi).toBeCloseTo(phi, 4);
		expect(fit.mean).toBeCloseTo(mean, 3);
		expect(fit.variance).toBeCloseTo(variance, 4);
		expect(forecastAr1(fit, x.at(-1) as number)).toBeCloseTo(next, 3);
	});
});

test("a constant series forecasts itself", () => {
	expect(forecastAr1(fitAr1([4, 4, 4]), 4)).toBe(4);
});
