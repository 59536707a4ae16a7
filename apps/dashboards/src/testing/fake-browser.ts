import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@narthex/runtime/testing";

/**
 * Program that speaks the part of the DevTools protocol that renderings use. In place of a picture, it returns a JSON
 * text with what it has received. `onNavigate` is JavaScript that may use `url`, `cookie`, `get`, `note`, `drawn`,
 * `send` and `listenAddress`.
 */
export function fakeBrowser(onNavigate: string): string {
  const path = join(temporaryFolder(), "browser.mjs");
  writeFileSync(path, `#!${process.execPath}\n${SCRIPT.replace("ON_NAVIGATE", () => onNavigate)}`);
  chmodSync(path, 0o755);
  return path;
}

/** The input that the fake browser received. */
export interface BrowserNotes {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly url: string;
  readonly cookie: { readonly name: string; readonly value: string; readonly httpOnly: boolean };
  readonly sizes: readonly { readonly width: number; readonly height: number; readonly deviceScaleFactor: number }[];
  readonly zone: string;
  readonly printed?: object;
  readonly notes: readonly unknown[];
}

const SCRIPT = `
import { createReadStream, writeSync } from "node:fs";
const notes = { args: process.argv.slice(2), env: process.env, url: "", cookie: {}, sizes: [], zone: "", notes: [] };
const send = (message) => writeSync(4, JSON.stringify(message) + "\\0");
const drawn = (height, windowHeight = notes.sizes.at(-1).height) =>
  send({ method: "Runtime.bindingCalled", params: { name: "narthexDrawn", payload: height + " " + windowHeight } });
const note = (value) => notes.notes.push(value);
const rules = process.argv.find((word) => word.startsWith("--host-resolver-rules=MAP "));
const listenAddress = rules.split(" ")[2].replace(",", "");
const get = async (path, options = {}) => {
  const headers = { cookie: notes.cookie.name + "=" + notes.cookie.value, ...options.headers };
  return (await fetch("http://" + listenAddress + path, { redirect: "manual", ...options, headers })).status;
};
let stream = "";
const methods = {
  "Target.createTarget": () => ({ targetId: "t" }),
  "Target.attachToTarget": () => ({ sessionId: "s" }),
  "Network.setCookie": (cookie) => { notes.cookie = cookie; return {}; },
  "Emulation.setDeviceMetricsOverride": (size) => { notes.sizes.push(size); if (notes.url !== "") drawn(size.height); return {}; },
  "Emulation.setTimezoneOverride": ({ timezoneId }) => { notes.zone = timezoneId; return {}; },
  "Page.navigate": ({ url }) => {
    notes.url = url;
    const { cookie } = notes;
    void (async () => { ON_NAVIGATE })();
    return {};
  },
  "Page.captureScreenshot": () => ({ data: Buffer.from(JSON.stringify(notes)).toString("base64") }),
  "Page.printToPDF": (options) => { stream = JSON.stringify({ ...notes, printed: options }); return { stream: "1" }; },
  "IO.read": ({ size }) => {
    const part = stream.slice(0, 100);
    stream = stream.slice(100);
    return { data: btoa(part), base64Encoded: true, eof: stream === "" };
  },
};
let rest = "";
createReadStream(null, { fd: 3 }).setEncoding("utf8").on("data", (text) => {
  const parts = (rest + text).split("\\0");
  rest = parts.pop();
  for (const part of parts) {
    const { id, method, params } = JSON.parse(part);
    send({ id, result: methods[method]?.(params) ?? {} });
  }
}).on("end", () => process.exit(0));
`;
