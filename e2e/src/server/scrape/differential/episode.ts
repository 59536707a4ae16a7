/** How a body travels. */
export type Framing = "length" | "chunked" | "trailers" | "close";

/** What goes wrong on the way. */
export type Fault =
  | "none"
  /** The connection is reset after half of the body. */
  | "reset"
  /** The connection ends after half of the body. */
  | "cut"
  /** More bytes than announced. */
  | "longer"
  /** Nothing is answered. */
  | "stall-head"
  /** Half of the body is sent, nothing more. */
  | "stall-body"
  /** The body comes byte by byte, for longer than anybody waits. */
  | "dribble"
  /** The connection is reset before anything is answered. */
  | "reset-head"
  /** The connection ends before anything is answered. */
  | "cut-head";

/** What the target answers to one scrape. */
export interface Step {
  /** What is special about it, for the print. */
  readonly what: string;
  /** As `HTTP/1.1 200 OK`. */
  readonly statusLine: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
  readonly framing: Framing;
  readonly fault: Fault;
  /** The connection is not kept for the next scrape. */
  readonly close: boolean;
  /** Redirects on the way to the answer, by these statuses. */
  readonly redirects: readonly number[];
  /** Text as it was before it was packed, for the print. */
  readonly text: string;
}

/** A target's life: how it is scraped and what it answers. */
export interface Episode {
  readonly number: number;
  /** Fields of the scrape configuration, as flow YAML. */
  readonly settings: Readonly<Record<string, string>>;
  /** Fields that only 3.14 knows. */
  readonly newSettings: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}

const SHOWN = 2500;

/** The episode as a reader wants it: its settings, its steps in brief, and in full those around `at`. */
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
