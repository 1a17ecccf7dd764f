/** The report's style sheet. */
export const reportStyle = `
body { margin: 0; background: #fff; color: #1c1c1c; font: 16px/1.55 system-ui, "Segoe UI", "Helvetica Neue", Arial, sans-serif; }
main { max-width: 1040px; margin: 0 auto; padding: 24px 20px 80px; }
h1, h2, h3 { line-height: 1.25; margin: 1.6em 0 0.5em; }
h1 { font-size: 1.9em; margin-top: 0.6em; } h2 { font-size: 1.4em; border-top: 1px solid #ddd; padding-top: 1em; }
p, ul, ol { max-width: 820px; }
blockquote { margin: 1em 0; padding: 0.2em 1em; border-left: 4px solid #0072b2; background: #f4f8fb; }
.figure { width: 100%; margin: 12px 0; }
.scroll { overflow-x: auto; } .caption { font-size: 14px; color: #555; margin: 12px 0 0; } .caption b { color: #1c1c1c; font-size: 16px; }
details.table { font-size: 14px; color: inherit; }
@media (max-width: 700px) { main { padding: 8px 14px 60px; } h1 { font-size: 1.35em; } body { font-size: 15px; } }
table { border-collapse: collapse; font-size: 14px; margin: 12px 0; font-variant-numeric: tabular-nums; }
th, td { padding: 4px 10px; border-bottom: 1px solid #e4e4e4; text-align: left; vertical-align: top; }
th { border-bottom: 2px solid #888; background: #fafafa; } td[align="right"] { text-align: right; white-space: nowrap; } td:not([align]):last-child { min-width: 150px; }
tbody tr:hover { background: #f4f8fb; }
pre { white-space: pre-wrap; font: 13px/1.45 ui-monospace, Menlo, Consolas, monospace; }
.code { background: #f6f6f6; padding: 10px; overflow-x: auto; } .stderr { background: #fdecea; padding: 10px; }
code { background: #f2f2f2; padding: 0 3px; font-size: 0.92em; } img { max-width: 100%; }
details { margin: 4px 0 12px; color: #666; font-size: 13px; }
@media print { details { display: none; } .figure { break-inside: avoid; } }
`;
