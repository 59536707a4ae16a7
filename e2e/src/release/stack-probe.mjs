// Starts `narthex up` as a user does, requests every server's page, ends the stack, and prints the results as JSON.
// Runs in the stack's network, which has only a loopback device. PROBE_HOST is the host in the URLs.
import { spawn } from "node:child_process";

const [command, ...args] = process.argv.slice(2);
const HOST = process.env.PROBE_HOST ?? "127.0.0.1";
const PORTS = { server: 9090, pushgateway: 9091, alertmanager: 9093, dashboards: 3000, "node-exporter": 9100 };

const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
const ended = new Promise((resolve) => child.once("close", (code, signal) => resolve(code ?? signal)));
let output = "";
const ready = new Promise((resolve) => {
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text) => {
      output += text;
      if (output.includes("Ready.")) resolve("ready");
    });
});
/** Resolves with status and headers of a page and of the first file that the page loads. */
async function visit(url) {
  const page = await fetch(url);
  const html = await page.text();
  const asset = /(?:src|href)="([^"]*assets\/[^"]+\.(?:js|css))"/.exec(html)?.[1];
  const sent =
    asset === undefined ? undefined : await fetch(new URL(asset, page.url), { headers: { "accept-encoding": "br" } });
  await sent?.arrayBuffer();
  return { status: page.status, asset: sent?.status, encoding: sent?.headers.get("content-encoding") };
}
const late = new Promise((resolve) => setTimeout(() => resolve("late"), 300_000).unref());
const began = await Promise.race([ready, ended, late]);
if (began === "late") child.kill("SIGTERM");
const pages = {};
if (began === "ready") {
  for (const [role, port] of Object.entries(PORTS)) {
    const origin = `http://${HOST}:${port}`;
    pages[role] = { ...(await visit(`${origin}/`)), docs: (await visit(`${origin}/docs/`)).asset };
  }
  const elsewhere = await fetch("http://192.0.2.1/").then(
    () => "reached",
    (error) => error.cause?.code,
  );
  const build = await (await fetch(`http://${HOST}:9090/api/v1/status/buildinfo`)).json();
  Object.assign(pages, { elsewhere, revision: build.data.revision });
  child.kill("SIGTERM");
}
process.stdout.write(JSON.stringify({ began, pages, status: await ended, output }));
