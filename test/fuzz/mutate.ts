import { integerBelow, type Random } from "../../src/random.js";

/** Pieces that readers have stumbled over: numbers out of range, what nests, what quotes, what is no text. */
const pieces = [
	...["0", "-1", "1e308", "1e-320", "-0", "NaN", "Infinity", "0x10", "1_000", "9007199254740993", "2147483648", ""],
	...[
		'"',
		"'",
		'""',
		"[",
		"{",
		"[".repeat(200),
		'{"a":'.repeat(100),
		"]",
		"}",
		",",
		",,,",
		":",
		": ",
		"- ",
		"? ",
		"| ",
		"> ",
	],
	...[
		"&a ",
		"*a ",
		"<<: *a",
		"!!js/function ",
		"%",
		"@",
		"`",
		"#",
		"---\n",
		"\n",
		"\r\n",
		"\r",
		"\n\n\n",
		"\t",
		" ".repeat(50),
	],
	...[
		"\0",
		"\uFEFF",
		"\u2028",
		"\u202e",
		"é",
		"𝟜",
		"__proto__",
		"constructor",
		"toString",
		"null",
		"true",
		"<script>",
		"</script>",
	],
	...["=1+1", "a".repeat(3000), "1".repeat(3000), "(a+)+$", "../../x", "$&", "2024-02-30T25:61:61Z", "9999999999999"],
];

/** The bytes with one to four changes: bits turned, parts cut, doubled, moved or put in, or the end torn off. */
export function mutated(bytes: Buffer, random: Random): Buffer {
	let own: Buffer = Buffer.from(bytes);
	for (let change = integerBelow(random, 4); change >= 0; change--) own = changed(own, random);
	return own;
}

function changed(bytes: Buffer, random: Random): Buffer {
	const at = integerBelow(random, bytes.length + 1);
	const length = Math.min(bytes.length - at, integerBelow(random, 2) === 0 ? 1 : integerBelow(random, 200));
	const part = bytes.subarray(at, at + length);
	const joined = (...parts: Uint8Array[]) => Buffer.concat(parts);
	switch (integerBelow(random, 8)) {
		case 0: {
			const turned = Buffer.from(bytes);
			if (at < bytes.length) turned[at] = (turned[at] as number) ^ (1 << integerBelow(random, 8));
			return turned;
		}
		case 1:
			return joined(bytes.subarray(0, at), bytes.subarray(at + length));
		case 2:
			return joined(bytes.subarray(0, at), part, part, bytes.subarray(at + length));
		case 3:
			return bytes.subarray(0, at);
		case 4: {
			const to = integerBelow(random, bytes.length + 1);
			return joined(bytes.subarray(0, to), part, bytes.subarray(to));
		}
		default: {
			const piece = Buffer.from(pieces[integerBelow(random, pieces.length)] as string);
			// In the place of a word, or between two characters.
			const word = integerBelow(random, 2) === 0 ? wordAt(bytes, at) : [at, at];
			return joined(bytes.subarray(0, word[0]), piece, bytes.subarray(word[1]));
		}
	}
}

/** From where to where a word goes that a position lies in: letters, digits, points and signs. */
function wordAt(bytes: Buffer, at: number): readonly [number, number] {
	const isWord = (i: number) => i >= 0 && i < bytes.length && /[\w.+-]/.test(String.fromCharCode(bytes[i] as number));
	let [from, to] = [at, at];
	while (isWord(from - 1)) from--;
	while (isWord(to)) to++;
	return [from, to];
}
