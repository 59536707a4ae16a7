import type { HttpClient, XmlElement } from "@narthex/http";
import { type Clock, flagKinds } from "@narthex/runtime";
import { defineCollector } from "../collector.ts";
import { counter, gauge } from "../metric.ts";

const URL_FLAG = "collector.supervisord.url";
const DEFAULT_URL = "http://localhost:9001/RPC2";
/** Environment variable with the URL of supervisord, which is used if the flag is not given. */
const URL_VARIABLE = "SUPERVISORD_URL";

/** Time limit, shorter than the scrape's own limit for a collector. */
const LIMIT_MS = 7000;
/** Maximum size of an answer in bytes. An answer has about 500 bytes per process. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

const CALL =
  '<?xml version="1.0"?><methodCall><methodName>supervisor.getAllProcessInfo</methodName><params></params></methodCall>';

/** Numbers of states with a running process: STARTING, RUNNING, STOPPING. */
const RUNNING_STATES: ReadonlySet<number> = new Set([10, 20, 40]);
/** XML-RPC's names for integer types; supervisord uses the first. */
const INTEGERS = ["int", "i4", "i8", "i2", "i1"];

const LABELS = ["name", "group"];

/** Exports processes of supervisord over its XML-RPC interface. */
export const supervisord = defineCollector({
  name: "supervisord",
  enabled: false,
  flags: { [URL_FLAG]: flagKinds.text(DEFAULT_URL, "XML RPC endpoint. ($SUPERVISORD_URL)") },
  metrics: {
    up: gauge("node_supervisord_up", "Process Up", LABELS),
    state: gauge("node_supervisord_state", "Process State", LABELS),
    exitStatus: gauge("node_supervisord_exit_status", "Process Exit Status", LABELS),
    startTime: counter("node_supervisord_start_time_seconds", "Process start time", LABELS),
  },
  open({ settings, clock, logger }) {
    logger.warn("This collector is deprecated and will be removed in the next major version release.");
    const fallback = process.env[URL_VARIABLE] || DEFAULT_URL;
    const endpoint = endpointOf(settings.isSet(URL_FLAG) ? settings.text(URL_FLAG) : fallback);
    let client: Promise<HttpClient> | undefined;
    return async (_files, emit) => {
      client ??= openClient();
      const processes = await allProcesses(await client, endpoint, clock).catch((cause: unknown) => {
        const why = cause instanceof Error ? cause.message : String(cause);
        throw new Error(`unable to call supervisord: ${why}`, { cause });
      });
      for (const { name, group, state, exitStatus, start } of processes) {
        const isRunning = RUNNING_STATES.has(state);
        emit.state(state, name, group);
        emit.exitStatus(exitStatus, name, group);
        emit.up(isRunning ? 1 : 0, name, group);
        if (isRunning) emit.startTime(start, name, group);
      }
    };
  },
});

/** Loads the HTTP client on first use, so that an exporter without this collector does not load it. */
async function openClient(): Promise<HttpClient> {
  const [{ createHttpClient }, { defaultHttpClient }] = await Promise.all([
    import("@narthex/http"),
    import("@narthex/config"),
  ]);
  return createHttpClient({ ...defaultHttpClient, proxyFromEnvironment: true });
}

interface Endpoint {
  readonly url: string;
  /** Path of a Unix socket; empty if the URL contains the host. */
  readonly socketPath: string;
  readonly headers: Readonly<Record<string, string>>;
}

function endpointOf(text: string): Endpoint {
  const headers = { "content-type": "text/xml" };
  if (!URL.canParse(text)) return { url: text, socketPath: "", headers };
  const url = new URL(text);
  if (url.protocol === "unix:")
    return { url: "http://unix/RPC2", socketPath: decodeURIComponent(url.pathname), headers };
  return { url: text, socketPath: "", headers };
}

interface ProcessInfo {
  readonly name: string;
  readonly group: string;
  readonly state: number;
  readonly exitStatus: number;
  /** Start time of the process, seconds since 1970. */
  readonly start: number;
}

async function allProcesses(client: HttpClient, endpoint: Endpoint, clock: Clock): Promise<readonly ProcessInfo[]> {
  const { XmlElement: Xml } = await import("@narthex/http");
  const document = await Xml.parse(await post(client, endpoint, clock));
  const value = document.child("params").child("param").child("value");
  if (value.children("array").length === 0) throw new Error("the answer does not contain a list of processes");
  const values = value.child("array").child("data").children("value");
  return values.map((each) => processInfo(each.child("struct")));
}

async function post(client: HttpClient, { url, ...endpoint }: Endpoint, clock: Clock): Promise<string> {
  const deadline = new AbortController();
  const cancel = clock.after(LIMIT_MS, () => deadline.abort(new Error(`no answer within ${LIMIT_MS / 1000} s`)));
  try {
    const request = { ...endpoint, method: "POST", body: CALL, signal: deadline.signal } as const;
    const { statusCode, body } = await client.request(url, request);
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of body as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > MAX_ANSWER_BYTES) throw new Error(`the answer is longer than ${MAX_ANSWER_BYTES} bytes`);
      chunks.push(chunk);
    }
    if (statusCode < 200 || statusCode > 299) throw new Error(`HTTP status ${statusCode}`);
    return Buffer.concat(chunks).toString();
  } finally {
    cancel();
  }
}

function processInfo(struct: XmlElement): ProcessInfo {
  const members = new Map(struct.children("member").map((member) => [member.text("name")?.trim(), member]));
  const text = (name: string): string => {
    const member = members.get(name);
    // Reads a value without a type as a string.
    return member?.child("value").text("string") ?? member?.text("value") ?? "";
  };
  const number = (name: string): number => {
    const value = members.get(name)?.child("value");
    const digits = INTEGERS.map((type) => value?.text(type)).find((found) => found !== undefined);
    return Number(digits ?? 0);
  };
  return {
    name: text("name"),
    group: text("group"),
    state: number("state"),
    exitStatus: number("exitstatus"),
    start: number("start"),
  };
}
