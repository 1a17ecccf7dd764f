import { palette } from "./house.js";

/** A colour for each name, in order of first appearance: the house palette, and past its eight an even cividis ramp. */
export function groupColours(names: readonly string[]): ReadonlyMap<string, string> {
	const unique = [...new Set(names)];
	const few = unique.length <= palette.length;
	return new Map(
		unique.map((name, index) => [name, few ? (palette[index] ?? "#000000") : ramp(index / (unique.length - 1))]),
	);
}

// Anchors of cividis (Nunez, Anderton and Renslow 2018), which reads the same with and without colour vision.
const anchors = [
	[0, 34, 78],
	[65, 77, 107],
	[124, 123, 120],
	[188, 175, 111],
	[254, 232, 56],
] as const;

function ramp(share: number): string {
	const place = share * (anchors.length - 1);
	const low = Math.min(Math.floor(place), anchors.length - 2);
	const channel = (index: 0 | 1 | 2) => {
		const from = anchors[low]?.[index] ?? 0;
		const to = anchors[low + 1]?.[index] ?? 0;
		return Math.round(from + (to - from) * (place - low));
	};
	return `rgb(${channel(0)},${channel(1)},${channel(2)})`;
}
