import { InputError } from "../errors.js";
import { integerBelow, type Random } from "../random.js";

/** An input as a file of ONNX declares it: a dimension that it leaves open has a name, or none. */
export interface DeclaredInput {
	readonly name: string;
	readonly type: string;
	readonly shape: readonly (number | string)[];
}

/** What a plan says where a file does not. */
export interface GivenSizes {
	/** Height and width of images whose sides the file leaves open. */
	readonly side_px?: number | undefined;
	/** Other open dimensions, by their name in the file, or as `input[axis]` where they have none. */
	readonly dimensions?: Readonly<Record<string, number>> | undefined;
	/** Token ids are drawn below this; default 1000, which every usual vocabulary has. */
	readonly tokens_below?: number | undefined;
}

/** What an input is filled with. */
export type Content = "image" | "numbers" | "tokens" | "text" | "ones" | "zeros" | "positions";

/** An input with every size known. */
export interface ModelInput {
	readonly name: string;
	readonly type: ElementType;
	/** Of one request: without the batch. */
	readonly shape: readonly number[];
	readonly content: Content;
	/** The only batch that the file takes; absent where it takes any. */
	readonly batch?: number;
	/** Sizes that the file leaves open, and who says them. */
	readonly open: readonly { readonly name: string; readonly size: number; readonly by: string }[];
}

/** YOLOv5's own side, for an export that leaves it open. */
const usualSide_px = 640;
const usualTokensBelow = 1000;

type Values = { [index: number]: number | bigint; readonly length: number };

interface Held {
	readonly array: (length: number) => Values;
	/** The greatest whole number that it holds; absent where it holds others. */
	readonly most?: number;
}

const numeric = {
	float32: { array: (length) => new Float32Array(length) },
	float64: { array: (length) => new Float64Array(length) },
	// The bits of each half.
	float16: { array: (length) => new Uint16Array(length) },
	int64: { array: (length) => new BigInt64Array(length), most: Number.MAX_SAFE_INTEGER },
	uint64: { array: (length) => new BigUint64Array(length), most: Number.MAX_SAFE_INTEGER },
	int32: { array: (length) => new Int32Array(length), most: 2 ** 31 - 1 },
	uint32: { array: (length) => new Uint32Array(length), most: 2 ** 32 - 1 },
	int16: { array: (length) => new Int16Array(length), most: 2 ** 15 - 1 },
	uint16: { array: (length) => new Uint16Array(length), most: 2 ** 16 - 1 },
	int8: { array: (length) => new Int8Array(length), most: 127 },
	uint8: { array: (length) => new Uint8Array(length), most: 255 },
	bool: { array: (length) => new Uint8Array(length), most: 1 },
} as const satisfies Record<string, Held>;

type NumericType = keyof typeof numeric;
export type ElementType = NumericType | "string";

const elementTypes: readonly string[] = [...Object.keys(numeric), "string"];

function heldAs(type: NumericType): Held {
	return numeric[type];
}

/**
 * What a model takes: one input of data, and beside it those of a text model whose values follow from their names (masks
 * are ones, segments zeros, positions count up). The first dimension of each is the batch.
 *
 * @param file named in the faults
 * @returns the data first
 * @throws InputError where the file has another input, a type that no tensor holds, or a size that nobody says
 * @example
 * modelInputs("m.onnx", [{ name: "images", type: "float32", shape: ["batch", 3, "height", "width"] }], { side_px: 320 });
 * // [{ name: "images", type: "float32", shape: [3, 320, 320], content: "image", open: [...] }]
 */
export function modelInputs(
	file: string,
	declared: readonly DeclaredInput[],
	given: GivenSizes = {},
): readonly [ModelInput, ...ModelInput[]] {
	const refuse = (rule: string, value: unknown, field?: string): never => {
		throw new InputError({ file, ...(field === undefined ? {} : { field }), rule, value });
	};
	const [data = refuse("must have an input", "none"), ...others] = [
		...declared.filter(({ name }) => namedContent(name) === undefined),
		...declared.filter(({ name }) => namedContent(name) !== undefined),
	];
	const unknown = others.filter(({ name }) => namedContent(name) === undefined);
	if (unknown.length > 0)
		refuse(
			"must have one input of data (others whose names say their values may stand beside it: *mask*, *type_ids*, *position_ids*)",
			[data, ...unknown].map(({ name }) => name).join(", "),
		);
	const one = (input: DeclaredInput, content: Content | undefined): ModelInput => {
		const { name, type, shape } = input;
		if (!elementTypes.includes(type)) refuse(`must be one of ${elementTypes.join(", ")}`, type, `type of ${name}`);
		if (shape.length === 0) refuse("must begin with a batch", "a single value", `shape of ${name}`);
		const kind = content ?? dataContent(input);
		const open: { name: string; size: number; by: string }[] = [];
		const sizes = shape.slice(1).map((size, i) => {
			if (!isOpen(size)) return Number(size);
			const place = `${name}[${i + 1}]`;
			const label = typeof size === "string" && size !== "" ? size : place;
			const said = [label, place].find((key) => Object.hasOwn(given.dimensions ?? {}, key));
			const sizeSaid = said === undefined ? undefined : given.dimensions?.[said];
			const spatial = kind === "image" && spatialAxes(shape).includes(i + 1);
			if (kind === "image" && !spatial && sizeSaid === undefined) return 3;
			if (!spatial && sizeSaid === undefined)
				refuse(
					`must say how long it is, which the file leaves open: runner: { dimensions: { ${/^\w+$/.test(label) ? label : `"${label}"`}: 64 } }, for instance`,
					shape.map((length) => (isOpen(length) ? length || "?" : length)).join(" x "),
					`${place}${label === place ? "" : `, ${label}`}`,
				);
			const chosen = sizeSaid ?? given.side_px ?? usualSide_px;
			const by =
				said !== undefined
					? "dimensions of the plan"
					: given.side_px === undefined
						? "the default"
						: "side_px of the plan";
			open.push({ name: label, size: chosen, by });
			return chosen;
		});
		if (kind === "image" && given.side_px !== undefined)
			for (const axis of spatialAxes(shape))
				if (!isOpen(shape[axis]) && shape[axis] !== given.side_px)
					refuse(
						`must be ${shape[axis]} or left out: the file takes images of ${spatialAxes(shape)
							.map((at) => sizes[at - 1])
							.join(" x ")} px`,
						given.side_px,
						"side_px",
					);
		const [batch] = shape;
		return {
			name,
			type: type as ElementType,
			shape: sizes,
			content: kind,
			...(isOpen(batch) ? {} : { batch: Number(batch) }),
			open,
		};
	};
	return [one(data, undefined), ...others.map((input) => one(input, namedContent(input.name)))];
}

function isOpen(size: number | string | undefined): boolean {
	return typeof size !== "number" || size < 0;
}

function namedContent(name: string): Content | undefined {
	if (/mask/i.test(name)) return "ones";
	if (/type_?ids|segment/i.test(name)) return "zeros";
	return /position_?ids/i.test(name) ? "positions" : undefined;
}

function dataContent({ type, shape }: DeclaredInput): Content {
	if (type === "string") return "text";
	if (shape.length === 4 && spatialAxes(shape).length > 0) return "image";
	return /^u?int(32|64)$/.test(type) ? "tokens" : "numbers";
}

/** Axes of height and width, of images with their channels first or last: 3, 1, or left open and so 3; else none. */
function spatialAxes([, first, , last]: DeclaredInput["shape"]): readonly number[] {
	const channels = (size: number | string | undefined) => size === 3 || size === 1;
	if (channels(first)) return [2, 3];
	if (channels(last)) return [1, 2];
	return isOpen(first) ? [2, 3] : [];
}

/** `images float32, batch x 3 x 640 x 640` and, where the file leaves sizes open, who says them. */
export function inputWords({ name, type, shape, open, batch }: ModelInput): string {
	const sizes = open.map(({ name: dimension, size, by }) => `${dimension} ${size} (${by})`);
	return `${name} ${type}, ${[batch ?? "batch", ...shape].join(" x ")}${sizes.length === 0 ? "" : `; left open by its file: ${sizes.join(", ")}`}`;
}

/**
 * The values of an input that is no image, for a batch. Numbers are uniform in 0 to 1 and token ids uniform from 1 on: what
 * a model makes of them does not matter to its time, and zeros might.
 *
 * @returns what a tensor of its type holds
 */
export function inputValues(input: ModelInput, batch: number, random: Random, tokensBelow = usualTokensBelow) {
	const { type, shape, content } = input;
	const length = shape.reduce((product, size) => product * size, batch);
	if (type === "string") return Array.from({ length }, () => "the pipeline serves what its users ask for");
	const last = shape.at(-1) ?? 1;
	const { most } = heldAs(type);
	const value = (i: number): number => {
		if (content === "ones") return 1;
		if (content === "zeros") return 0;
		if (content === "positions") return i % last;
		if (most === undefined) return random();
		// Of tokens 0 pads, which some models leave out.
		return Math.min(1 + integerBelow(random, Math.max(1, (content === "tokens" ? tokensBelow : most) - 1)), most);
	};
	return typed(
		type,
		Float64Array.from({ length }, (_, i) => value(i)),
	);
}

/** Numbers as an element type holds them. */
function typed(type: NumericType, numbers: ArrayLike<number>): Values {
	const values = heldAs(type).array(numbers.length);
	for (let i = 0; i < numbers.length; i++) {
		const number = numbers[i] as number;
		values[i] = type === "float16" ? halfBits(number) : type.endsWith("int64") ? BigInt(Math.round(number)) : number;
	}
	return values;
}

/** The pixels of an image, 0 to 1 and channels first, as an input takes them: its channels, their place and its type. */
export function imageValues({ type, shape }: ModelInput, batch: number, rgb: Float32Array): Values {
	const [first, second, third] = shape as readonly [number, number, number];
	const channelsFirst = first === 3 || first === 1;
	const [channels, height, width] = channelsFirst ? [first, second, third] : [third, first, second];
	if (type === "string") throw new InputError({ file: "an image", rule: "must be of numbers", value: type });
	if (type === "float32" && channelsFirst && channels === 3) return rgb;
	const plane = height * width;
	const { most } = heldAs(type);
	const scale = most === undefined ? 1 : Math.min(most, 255);
	const values = new Float64Array(batch * channels * plane);
	for (let i = 0; i < batch; i++)
		for (let pixel = 0; pixel < plane; pixel++)
			for (let channel = 0; channel < channels; channel++) {
				const of = (at: number) => rgb[(i * 3 + at) * plane + pixel] as number;
				const light = channels === 1 ? (of(0) + of(1) + of(2)) / 3 : of(channel);
				const at = channelsFirst ? (i * channels + channel) * plane + pixel : (i * plane + pixel) * channels + channel;
				values[at] = most === undefined ? light : Math.round(light * scale);
			}
	return typed(type, values);
}

/** The bits of the half (IEEE 754 binary16) next to a number; what is too small is 0, what is too great infinite. */
export function halfBits(number: number): number {
	const sign = number < 0 || Object.is(number, -0) ? 0x8000 : 0;
	const size = Math.abs(number);
	if (Number.isNaN(number)) return 0x7e00;
	if (size >= 65520) return sign | 0x7c00;
	const exponent = Math.max(Math.floor(Math.log2(size)), -14);
	// Below 2^-14 halves are steps of 2^-24; Math.round takes the greater of two that are as near, within half a step.
	if (size < 2 ** -14) return sign | Math.round(size * 2 ** 24);
	const steps = Math.round((size / 2 ** exponent - 1) * 1024);
	return sign | (((exponent + 15) << 10) + steps);
}

/** The number that the bits of a half stand for. */
export function halfNumber(bits: number): number {
	const sign = bits & 0x8000 ? -1 : 1;
	const exponent = (bits >> 10) & 31;
	const steps = bits & 1023;
	if (exponent === 31) return steps === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
	return exponent === 0 ? sign * steps * 2 ** -24 : sign * (1 + steps / 1024) * 2 ** (exponent - 15);
}

/** A tensor that came out, for what is read of it. */
export interface Output {
	readonly type: string;
	readonly dims: readonly number[];
	readonly data: ArrayLike<unknown>;
}

/** Whether every number of an output is finite; whole numbers, truths and texts are. */
export function isFiniteOutput({ type, data }: Output): boolean {
	if (!/^float/.test(type)) return true;
	for (let i = 0; i < data.length; i++) if (!Number.isFinite(numberAt({ type, data }, i))) return false;
	return true;
}

function numberAt({ type, data }: Pick<Output, "type" | "data">, i: number): number {
	return type === "float16" && data instanceof Uint16Array ? halfNumber(data[i] as number) : Number(data[i]);
}

/**
 * Where in each image the strongest detection is, as shares of its width and height, by the usual forms of YOLO's first
 * output: batch x (3 x 85) x rows x columns (heads, as the embedded networks have them), batch x boxes x 85 (version 5: its
 * column 4 is the objectness), batch x 84 x boxes (version 8 on: classes from row 4), batch x boxes x 6 (version 10: corners
 * and a score). Boxes are in pixels of the input.
 *
 * @param sides_px height and width of the detector's input
 * @throws InputError where the output has none of these forms
 */
export function strongest(output: Output, sides_px: readonly [number, number]): (readonly [x: number, y: number])[] {
	const [batch = 0, a = 0, b = 0, c] = output.dims;
	const at = (i: number) => numberAt(output, i);
	const boxes = Math.max(a, b);
	const values = Math.min(a, b);
	if ((output.dims.length !== 3 && output.dims.length !== 4) || (c === undefined && values < 5))
		throw new InputError({
			file: "a detector",
			field: "its first output",
			rule: "must be batch x boxes x 85, batch x 84 x boxes, batch x boxes x 6 or heads, batch x 255 x rows x columns",
			value: output.dims.join(" x "),
		});
	return Array.from({ length: batch }, (_, image) => {
		const start = image * a * b * (c ?? 1);
		if (c !== undefined) {
			// Channel 4 of the first anchor is its objectness.
			const best = greatest(b * c, (cell) => at(start + 4 * b * c + cell));
			return [((best % c) + 0.5) / c, (Math.floor(best / c) + 0.5) / b] as const;
		}
		const value = (box: number, which: number) => at(start + (a > b ? box * b + which : which * b + box));
		const best = greatest(boxes, (box) =>
			a > b ? value(box, 4) : Math.max(...Array.from({ length: values - 4 }, (_, k) => value(box, 4 + k))),
		);
		const corners = a > b && values === 6;
		const middle = (axis: number) => (corners ? (value(best, axis) + value(best, axis + 2)) / 2 : value(best, axis));
		const share = (pixels: number, side: number) =>
			Number.isFinite(pixels) ? Math.min(Math.max(pixels / side, 0), 1) : 0.5;
		return [share(middle(0), sides_px[1]), share(middle(1), sides_px[0])] as const;
	});
}

function greatest(count: number, value: (i: number) => number): number {
	let best = 0;
	for (let i = 1; i < count; i++) if (value(i) > value(best)) best = i;
	return best;
}
