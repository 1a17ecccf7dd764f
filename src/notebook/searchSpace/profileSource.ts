/** Where the latencies of the Video pipeline come from, for captions. */
export const profileSource =
	"IPA's published measurements (data/raw/ipa-profiles); missing cells modelled, see docs/published.md and docs/profiles.md";
