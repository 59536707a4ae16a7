/** How the end of a response body is marked. */
export type Framing = "length" | "chunked" | "trailers" | "close";

/** Network fault of a response. */
export type Fault =
  | "none"
  /** The connection is reset after half of the body. */
  | "reset"
  /** The connection ends after half of the body. */
  | "cut"
  /** The body has more bytes than its Content-Length. */
  | "longer"
  /** Nothing is sent, and the connection stays open. */
  | "stall-head"
  /** Half of the body is sent, and then nothing; the connection stays open. */
  | "stall-body"
  /** The body is sent byte by byte, for longer than any timeout. */
  | "dribble"
  /** The connection is reset before a response. */
  | "reset-head"
  /** The connection ends before a response. */
  | "cut-head";

/** The target's answer to one scrape: head, body and network faults. */
export interface Step {
  /** Description of the unusual properties of this response, for the report. */
  readonly what: string;
  /** Status line of the HTTP answer, such as `HTTP/1.1 200 OK`. */
  readonly statusLine: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
  readonly framing: Framing;
  readonly fault: Fault;
  /** Whether the connection is closed after the answer. */
  readonly close: boolean;
  /** HTTP statuses of the redirects before the answer. */
  readonly redirects: readonly number[];
  /** Text of the answer before compression, for the report. */
  readonly text: string;
}

/** A test case: the scrape settings of one target, and its responses to all scrapes. */
export interface Episode {
  readonly number: number;
  /** Fields of the scrape configuration, as flow YAML. */
  readonly settings: Readonly<Record<string, string>>;
  /** Fields of the scrape configuration that only Prometheus 3.14 and our server know. */
  readonly newSettings: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}

const SHOWN = 2500;

/** Formats an episode for a report: its settings, its steps in brief, and the steps around `at` in full. */
export function printEpisode({ number, settings, newSettings, steps }: Episode, at: number): string {
  const fields = Object.entries({ ...settings, ...newSettings }).map(([name, value]) => `${name}: ${value}`);
  const scrapes = steps.slice(0, at + 2).map((step, i) => {
    const { what, statusLine, headers, framing, fault, close, redirects, text } = step;
    const head = headers.filter(([, value]) => value.length < 120).map(([name, value]) => `${name}: ${value}`);
    const how = [framing, fault, close ? "close" : "", redirects.join(" ")];
    const brief = `  #${i} ${what}: ${statusLine} [${head.join("; ")}] ${how.filter((word) => word !== "" && word !== "none").join(", ")}`;
    if (i < at - 1 || i > at) return brief;
    const shown = text.length > SHOWN ? `${text.slice(0, SHOWN)}… (${text.length})` : text;
    return `${brief}\n${shown.replace(/^/gm, "      ")}`;
  });
  return `episode ${number}: ${fields.join(", ")}\n${scrapes.join("\n")}`;
}
