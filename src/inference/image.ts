import { readFileSync } from "node:fs";
import { decode } from "jpeg-js";

/** Pixels of an image: height x width x 3, 0 to 255. */
export interface Pixels {
	readonly width: number;
	readonly height: number;
	readonly rgb: Uint8Array;
}

/** Reads a JPEG file. Throws where it is none. */
export function readJpeg(file: string): Pixels {
	const { width, height, data } = decode(readFileSync(file), { useTArray: true, formatAsRGBA: false });
	return { width, height, rgb: data };
}

/** A rectangle of an image, in its pixels. */
export interface Box {
	readonly left: number;
	readonly top: number;
	readonly width: number;
	readonly height: number;
}

/**
 * A network's input from a part of an image: resized by bilinear interpolation, channels first, 0 to 1.
 *
 * @param sides_px height and width that it is resized to
 * @param into where it goes, from `offset` on: 3 x height x width values
 */
export function fillInput(
	{ width, height, rgb }: Pixels,
	box: Box,
	[rows, columns]: readonly [height: number, width: number],
	into: Float32Array,
	offset = 0,
): void {
	const plane = rows * columns;
	for (let y = 0; y < rows; y++) {
		const fromY = clamp(box.top + ((y + 0.5) * box.height) / rows - 0.5, height - 1);
		const y0 = Math.floor(fromY);
		const y1 = Math.min(y0 + 1, height - 1);
		const downward = fromY - y0;
		for (let x = 0; x < columns; x++) {
			const fromX = clamp(box.left + ((x + 0.5) * box.width) / columns - 0.5, width - 1);
			const x0 = Math.floor(fromX);
			const x1 = Math.min(x0 + 1, width - 1);
			const rightward = fromX - x0;
			for (let channel = 0; channel < 3; channel++) {
				const at = (row: number, column: number) => rgb[(row * width + column) * 3 + channel] as number;
				const above = at(y0, x0) * (1 - rightward) + at(y0, x1) * rightward;
				const below = at(y1, x0) * (1 - rightward) + at(y1, x1) * rightward;
				into[offset + channel * plane + y * columns + x] = (above * (1 - downward) + below * downward) / 255;
			}
		}
	}
}

function clamp(value: number, most: number): number {
	return Math.min(Math.max(value, 0), most);
}
