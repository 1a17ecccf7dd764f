// Draws data/test-image.jpg: a street-like scene of plain shapes with seeded grain, so that no photograph's licence matters.
import { writeFileSync } from "node:fs";
import jpeg from "jpeg-js";

const [width, height] = [800, 600];
const data = Buffer.alloc(width * height * 4);
let state = 20230;
const random = () => {
	state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
	return state / 2 ** 32;
};
const shapes = Array.from({ length: 40 }, () => ({
	x: random() * width,
	y: height * (0.35 + 0.6 * random()),
	w: 20 + 90 * random(),
	h: 30 + 140 * random(),
	round: random() < 0.4,
	colour: [random() * 255, random() * 255, random() * 255],
}));
for (let y = 0; y < height; y++)
	for (let x = 0; x < width; x++) {
		const down = y / height;
		let colour = down < 0.45 ? [110 + 120 * down, 150 + 100 * down, 230] : [90 + 60 * down, 90 + 50 * down, 85];
		for (const { x: left, y: top, w, h, round, colour: own } of shapes) {
			const [dx, dy] = [(x - left) / w, (y - top) / h];
			const inside = round ? dx * dx + dy * dy < 0.25 : Math.abs(dx) < 0.5 && Math.abs(dy) < 0.5;
			if (inside) colour = own.map((value) => value * (0.75 + 0.5 * (dy + 0.5) * 0.5));
		}
		const grain = 24 * (random() - 0.5);
		const at = 4 * (y * width + x);
		for (let c = 0; c < 3; c++) data[at + c] = Math.max(0, Math.min(255, colour[c] + grain));
		data[at + 3] = 255;
	}
writeFileSync(new URL("../data/test-image.jpg", import.meta.url), jpeg.encode({ data, width, height }, 85).data);
