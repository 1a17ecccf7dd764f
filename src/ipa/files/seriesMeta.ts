import { type Kind, kinds } from "../../units.js";

const written = new RegExp(`^written by sustainable-ipa, kind (${kinds.join("|")}):`);

/** What a series that we write says of a point in `series_meta`, so that no modelled number comes back as measured. */
export function seriesMeta(kind: Kind, of: string): string {
	return `written by sustainable-ipa, kind ${kind}: ${of}`;
}

/** The kind that a `series_meta` of ours names; undefined in IPA's own. */
export function writtenKind(meta: string | undefined): Kind | undefined {
	return written.exec(meta ?? "")?.[1] as Kind | undefined;
}
