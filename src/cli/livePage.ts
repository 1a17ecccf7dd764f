import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Progress } from "../measurement/progress.js";
import type { JournalRecord } from "../measurement/records.js";

/** A page that shows a run while it goes on, on this machine alone. */
export interface LivePage {
	readonly url: string;
	readonly progress: (now: Progress) => void;
	readonly recorded: (record: JournalRecord) => void;
	/** Tells the page how the run ended, and ends the server. */
	readonly close: (how: string) => Promise<void>;
}

/** What the page is told: server-sent events, each a JSON object. */
type LiveEvent =
	| ({ readonly type: "progress" } & Progress)
	| {
			readonly type: "window";
			readonly what: string;
			readonly started_at: string;
			readonly probe: string;
			readonly power_w: number | null;
			readonly energy_j: number | null;
			/** Why there is no energy. */
			readonly reason: string | null;
	  }
	| { readonly type: "end"; readonly how: string };

/**
 * Serves the page on 127.0.0.1 at a port that is free. It is told what the journal keeps and nothing else: no
 * environment, no paths, no credentials. A page that is opened late is told everything from the start.
 *
 * @param title what is measured
 */
export async function livePage(title: string, port = 0): Promise<LivePage> {
	const told: LiveEvent[] = [];
	const open = new Set<ServerResponse>();
	const server = createServer((request, response) => {
		// Another site's page must not reach this one by a name that leads here.
		const host = (request.headers.host ?? "").replace(/:\d+$/, "");
		if (host !== "127.0.0.1" && host !== "localhost") {
			response.writeHead(403).end();
		} else if (request.method === "GET" && request.url === "/") {
			response.writeHead(200, {
				"content-type": "text/html; charset=utf-8",
				"content-security-policy":
					"default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; connect-src 'self'",
			});
			response.end(page(title));
		} else if (request.method === "GET" && request.url === "/events") {
			response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
			for (const event of told) response.write(text(event));
			open.add(response);
			request.on("close", () => open.delete(response));
		} else {
			response.writeHead(404).end();
		}
	});
	await new Promise<void>((resolve, reject) => server.once("error", reject).listen(port, "127.0.0.1", resolve));
	const tell = (event: LiveEvent) => {
		// One progress is enough for who comes late.
		if (event.type === "progress" && told.at(-1)?.type === "progress") told.pop();
		told.push(event);
		for (const response of open) response.write(text(event));
	};
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
		progress: (now) => tell({ type: "progress", ...now }),
		recorded: (record) => {
			const events = windowsOf(record);
			for (const event of events) tell(event);
		},
		close: async (how) => {
			tell({ type: "end", how });
			for (const response of open) response.end();
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}

function text(event: LiveEvent): string {
	return `data: ${JSON.stringify(event)}\n\n`;
}

function windowsOf(record: JournalRecord): readonly LiveEvent[] {
	if (record.type !== "repetition" && record.type !== "control" && record.type !== "idle") return [];
	const { readings, started_at } = record.type === "idle" ? record : record.window;
	const what = record.type === "repetition" ? record.cell : record.type;
	return readings.map((reading) => ({
		type: "window",
		what,
		started_at,
		probe: reading.probe,
		power_w: reading.status === "reading" ? reading.energy_j / reading.duration_s : null,
		energy_j: reading.status === "reading" ? reading.energy_j : null,
		reason: reading.status === "refused" ? reading.reason : null,
	}));
}

/** The page: no library, nothing fetched but the events. */
function page(title: string): string {
	const safe = title.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
	return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>measuring ${safe}</title>
<style>
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
progress { width: 100%; height: 1.25rem; }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(12rem, 1fr)); gap: 1rem; }
dd { margin: 0; font-size: 1.75rem; font-variant-numeric: tabular-nums; }
svg { width: 100%; height: 12rem; border: 1px solid; }
td, th { padding: 0 1rem 0 0; text-align: left; font-variant-numeric: tabular-nums; }
</style></head><body>
<h1>${safe}</h1>
<p id="state" role="status">waiting for the first window</p>
<progress id="bar" max="1" value="0" aria-label="repetitions done"></progress>
<dl><div><dt>power, latest window</dt><dd id="watts">–</dd></div>
<div><dt>energy, all windows</dt><dd id="joules">–</dd></div>
<div><dt>repetitions</dt><dd id="done">–</dd></div><div><dt>left</dt><dd id="left">–</dd></div></dl>
<h2>Power by window (W)</h2>
<svg id="plot" viewBox="0 0 600 150" preserveAspectRatio="none" role="img" aria-label="power of each window"></svg>
<table><thead><tr><th>source</th><th>latest (W)</th><th>all windows (J)</th><th>windows</th></tr></thead><tbody id="sources"></tbody></table>
<script>
const by = (id) => document.getElementById(id);
const sources = new Map();
const clock = (s) => s == null ? "–" : Math.floor(s / 60) + ":" + String(Math.round(s % 60)).padStart(2, "0");
const shown = (value, unit) => value == null ? "unavailable" : Number(value.toPrecision(4)) + " " + unit;
function draw() {
	const first = [...sources.values()][0];
	if (!first) return;
	const powers = first.powers.slice(-200), most = Math.max(...powers, 1e-9);
	const points = powers.map((w, i) => Math.round(600 * (i + 0.5) / powers.length) + "," + Math.round(145 - 135 * w / most));
	by("plot").innerHTML = '<polyline fill="none" stroke="currentColor" stroke-width="2" vector-effect="non-scaling-stroke" points="' + points.join(" ") + '"/>';
	by("sources").replaceChildren(...[...sources].map(([name, own]) => {
		const row = document.createElement("tr");
		for (const text of [name, own.reason ?? shown(own.latest, "W"), shown(own.joules, "J"), own.count]) row.insertCell().textContent = text;
		return row;
	}));
	by("watts").textContent = shown(first.latest, "W");
	by("joules").textContent = shown(first.joules, "J");
}
const events = new EventSource("/events");
let over = false;
// The connection is the server's to make again; what it tells from the start must not count twice.
events.onopen = () => sources.clear();
events.onerror = () => { if (!over) by("state").textContent = "the run is gone"; };
events.onmessage = ({ data }) => {
	const event = JSON.parse(data);
	if (event.type === "progress") {
		by("state").textContent = event.now;
		by("bar").max = Math.max(1, event.planned);
		by("bar").value = event.finished;
		by("done").textContent = event.finished + " of " + event.planned;
		by("left").textContent = clock(event.left_s);
	} else if (event.type === "window") {
		const own = sources.get(event.probe) ?? { powers: [], joules: 0, count: 0 };
		sources.set(event.probe, { latest: event.power_w, reason: event.reason, count: own.count + 1,
			joules: own.joules + (event.energy_j ?? 0), powers: event.power_w == null ? own.powers : [...own.powers, event.power_w] });
		draw();
	} else {
		over = true;
		events.close();
		by("state").textContent = event.how;
	}
};
</script></body></html>
`;
}
