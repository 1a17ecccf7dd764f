/** The report's style sheet: screen (light and dark), phone, and A4. */
export const reportStyle = `
:root { --ground: #fff; --ink: #1c1c1c; --soft: #555; --line: #ddd; --shade: #f4f8fb; --code: #f4f4f4; --fault: #fdecea; --link: #005a9c; color-scheme: light; }
@media screen and (prefers-color-scheme: dark) { :root { --ground: #15181c; --ink: #e8e8e8; --soft: #b4b4b4; --line: #444; --shade: #1f262e; --code: #22262b; --fault: #4a2320; --link: #7cc0f5; color-scheme: dark; } }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.55 system-ui, "Segoe UI", "Helvetica Neue", Arial, sans-serif; }
main, nav { max-width: 1040px; margin: 0 auto; padding: 24px 20px 80px; } nav { padding-bottom: 0; font-size: 15px; } nav ol { margin: 0; padding: 0; columns: 2 320px; list-style: none; }
a { color: var(--link); }
h1, h2, h3 { line-height: 1.25; margin: 1.6em 0 0.5em; }
h1 { font-size: 1.9em; margin-top: 0.6em; } h2 { font-size: 1.4em; border-top: 1px solid var(--line); padding-top: 1em; }
p, ul, ol { max-width: 820px; }
blockquote { margin: 1em 0; padding: 0.2em 1em; border-left: 4px solid #0072b2; background: var(--shade); }
.figure { width: 100%; margin: 12px 0; background: #fff; }
.caption { font-size: 14px; color: var(--soft); margin: 12px 0 0; } .caption b { color: var(--ink); font-size: 16px; }
/* A table wider than the page scrolls in its box, whose edge shows a shadow where there is more. */
.scroll { overflow-x: auto; width: fit-content; max-width: 100%; border: 1px solid var(--line); margin: 12px 0; background: linear-gradient(to right, var(--ground) 30%, transparent) 0 0 / 40px 100% local no-repeat, linear-gradient(to left, var(--ground) 30%, transparent) 100% 0 / 40px 100% local no-repeat, linear-gradient(to right, #8889, transparent) 0 0 / 14px 100% no-repeat, linear-gradient(to left, #8889, transparent) 100% 0 / 14px 100% no-repeat; }
.scroll > p { margin: 4px 10px; }
table { border-collapse: collapse; font-size: 14px; font-variant-numeric: tabular-nums; }
th, td { padding: 4px 10px; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
th { border-bottom: 2px solid #888; } td[align="right"] { text-align: right; white-space: nowrap; } td:not([align]):last-child { min-width: 150px; }
pre { white-space: pre-wrap; font: 13px/1.45 ui-monospace, Menlo, Consolas, monospace; }
pre.code { background: var(--code); padding: 10px; overflow-x: auto; } .stderr { background: var(--fault); padding: 10px; }
code { background: var(--code); padding: 0 3px; font-size: 0.92em; } img { max-width: 100%; }
details { margin: 4px 0 12px; color: var(--soft); font-size: 13px; } details.table { font-size: 14px; color: inherit; }
@media (max-width: 700px) { main, nav { padding: 8px 14px 60px; } h1 { font-size: 1.35em; } body { font-size: 15px; } }
@media print {
	@page { size: A4; margin: 14mm; }
	main, nav { max-width: none; padding: 0; } body { font-size: 11px; } details.code { display: none; }
	details.table::details-content { content-visibility: visible; display: block; }
	.scroll { overflow: visible; width: auto; border: 0; background: none; } h1, h2, h3 { break-after: avoid; } tr, .figure { break-inside: avoid; }
	table { font-size: 9px; } th, td, td[align="right"] { white-space: normal; overflow-wrap: anywhere; padding: 2px 4px; min-width: 0; } td:not([align]):last-child { min-width: 0; }
	.figure { height: auto !important; } .figure > * { zoom: var(--paper, 1); }
}
`;

/** What runs in a page: draws every figure, with its words above it where the page is narrow. */
export const drawScript = `
if (window.Plotly === undefined && document.querySelector(".figure")) document.querySelector("main").insertAdjacentHTML("afterbegin", "<p class=stderr>The figures need the file plotly-*.min.js that was written beside this page: keep them together, or write the page with --inline.</p>");
/* A phone cannot hold a figure's caption and margins: the words go above it, and what is in it gets smaller. */
function narrow(element, data, layout) {
	const { text, subtitle } = layout.title ?? {};
	const words = document.createElement("p");
	words.className = "caption";
	words.innerHTML = (text ?? "") + "<br>" + (subtitle?.text ?? "").replaceAll("<br>", " ");
	element.before(words);
	const top = layout.xaxis?.side === "top" ? 50 : 16;
	const saved = (layout.margin?.t ?? top) - top;
	layout.title = undefined;
	layout.margin = { ...layout.margin, t: top, l: 10, r: 8 };
	layout.font = { ...layout.font, size: 10 };
	if (layout.legend === undefined || layout.legend.orientation !== "h") layout.legend = { ...layout.legend, orientation: "h", x: 0, y: -0.25 };
	if (layout.height) element.style.height = (layout.height -= saved) + "px";
	for (const trace of data) if (trace.textfont) trace.textfont.size = 9;
}
for (const element of document.querySelectorAll(".figure")) {
	if (window.Plotly === undefined) break;
	const { data, layout } = JSON.parse(element.nextElementSibling.textContent);
	/* What an A4 page between its margins holds, px. */
	element.style.setProperty("--paper", Math.min(1, 680 / element.clientWidth));
	if (element.clientWidth < 700) narrow(element, data, layout);
	Plotly.newPlot(element, data, layout, { responsive: true, displaylogo: false }).then(() => {
		element.dataset.drawn = "true";
	});
}
`;
