import { quote } from "@narthex/model";
import { ESCAPING_SCHEMES, type EscapingScheme } from "../write/name-escaping.ts";

/** Names of exposition formats in `scrape_protocols`. */
export type ScrapeProtocol =
  | "PrometheusProto"
  | "OpenMetricsText0.0.1"
  | "OpenMetricsText1.0.0"
  | "PrometheusText0.0.4"
  | "PrometheusText1.0.0";

export type BodyFormat = "text" | "openmetrics" | "protobuf";

const MEDIA_TYPES: Readonly<Record<ScrapeProtocol, string>> = {
  PrometheusProto: "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited",
  "OpenMetricsText0.0.1": "application/openmetrics-text;version=0.0.1",
  "OpenMetricsText1.0.0": "application/openmetrics-text;version=1.0.0",
  "PrometheusText0.0.4": "text/plain;version=0.0.4",
  "PrometheusText1.0.0": "text/plain;version=1.0.0",
};

const FORMATS: Readonly<Record<ScrapeProtocol, BodyFormat>> = {
  PrometheusProto: "protobuf",
  "OpenMetricsText0.0.1": "openmetrics",
  "OpenMetricsText1.0.0": "openmetrics",
  "PrometheusText0.0.4": "text",
  "PrometheusText1.0.0": "text",
};

/** Weight of the first protocol in the Accept header, in tenths: the number of protocols plus one. */
const FIRST_WEIGHT = Object.keys(MEDIA_TYPES).length + 1;

/** Returns the Accept header of a scrape: the protocols in order of preference, then any type. */
export function acceptHeader(protocols: readonly ScrapeProtocol[], escaping: EscapingScheme): string {
  const parts = protocols.map((protocol, i) => {
    const scheme = protocol.endsWith("1.0.0") ? `;escaping=${escaping}` : "";
    return `${MEDIA_TYPES[protocol]}${scheme};q=0.${FIRST_WEIGHT - i}`;
  });
  return [...parts, `*/*;q=0.${FIRST_WEIGHT - protocols.length}`].join(",");
}

export type FormatChoice =
  | { readonly ok: true; readonly format: BodyFormat }
  | { readonly ok: false; readonly problem: string };

/** Maximum number of characters of a Content-Type in an error message. */
const MAX_SHOWN = 1024;

/** The last Content-Type that was checked, with the result. */
let judged: { readonly contentType: string | undefined; readonly verdict: FormatChoice | string } = {
  contentType: undefined,
  verdict: formatProblem(undefined),
};

/** Returns the format of an answer by its Content-Type. `fallback` is fallback_scrape_protocol of the scrape job. */
export function bodyFormat(contentType: string | undefined, fallback: ScrapeProtocol | undefined): FormatChoice {
  // Reuses the last result, because most targets send the same Content-Type.
  if (contentType !== judged.contentType) judged = { contentType, verdict: formatProblem(contentType) };
  const problem = judged.verdict;
  if (typeof problem === "object") return problem;
  return fallback === undefined ? { ok: false, problem } : { ok: true, format: FORMATS[fallback] };
}

function formatProblem(contentType: string | undefined): FormatChoice | string {
  if (contentType === undefined || contentType === "") {
    return "non-compliant scrape target sending blank Content-Type and no fallback_scrape_protocol specified for target";
  }
  const shown = quote(contentType.length > MAX_SHOWN ? `${contentType.slice(0, MAX_SHOWN)}…` : contentType);
  const problem = mediaProblem(contentType);
  if (problem !== undefined) {
    return `cannot parse Content-Type ${shown} and no fallback_scrape_protocol for target\nmime: ${problem}`;
  }
  const media = contentType.split(";")[0]!.trim().toLowerCase();
  if (media === "application/openmetrics-text") return { ok: true, format: "openmetrics" };
  if (media === "application/vnd.google.protobuf") return { ok: true, format: "protobuf" };
  if (media === "text/plain") return { ok: true, format: "text" };
  return `received unsupported Content-Type ${shown} and no fallback_scrape_protocol specified for target`;
}

/** Returns Go's error text for an invalid Content-Type, or undefined if it is valid. */
function mediaProblem(header: string): string | undefined {
  const [media = ""] = header.split(";", 1);
  const [, type, slash, subtype, after] = /^([!#$%&'*+.^_`|~\w-]*)(\/?)([!#$%&'*+.^_`|~\w-]*)(.*)$/s.exec(
    media.trim(),
  )!;
  if (type === "") return "no media type";
  if (slash === "") return after === "" ? undefined : "expected slash after first token";
  if (subtype === "") return "expected token after slash";
  if (after !== "") return "unexpected content after media subtype";
  return areParameters(header, media.length) ? undefined : "invalid media parameter";
}

const PARAMETER = /;\s*[!#$%&'*+.^_`|~\w-]+=(?:[!#$%&'*+.^_`|~\w-]+|(?="))/y;
const BLANKS = /\s*/y;
const LAST_SEMICOLON = /;\s*$/y;

/**
 * Reports whether the rest of a Content-Type, from `at` on, consists of parameters (`; name=value; name="value"`).
 * Allows a final semicolon. Matches one parameter at a time, because the header may have 10 MiB and V8's backtracking
 * stack is limited.
 */
function areParameters(header: string, at: number): boolean {
  while (at < header.length) {
    PARAMETER.lastIndex = at;
    if (!PARAMETER.test(header)) {
      LAST_SEMICOLON.lastIndex = at;
      return LAST_SEMICOLON.test(header);
    }
    BLANKS.lastIndex = endOfQuoted(header, PARAMETER.lastIndex);
    if (!BLANKS.test(header)) return false;
    at = BLANKS.lastIndex;
  }
  return true;
}

/**
 * Returns the position after the quoted text that begins at `at`. Returns `at` if no quoted text begins there. If the
 * quoted text is not closed, returns a position beyond the end of `text`.
 */
function endOfQuoted(text: string, at: number): number {
  if (text[at] !== '"') return at;
  for (let i = at + 1; i < text.length; i++) {
    if (text[i] === '"') return i + 1;
    if (text[i] === "\\") i++;
  }
  return text.length + 1;
}

/** Format of the answer to a scrape of our own metrics. */
export interface AnswerFormat {
  readonly format: BodyFormat;
  readonly escaping: EscapingScheme;
  readonly contentType: string;
}

interface AcceptRange {
  readonly media: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly weight: number;
}

/**
 * Selects the answer's format by an Accept header, as Go's exposition handler does.
 * @param offerOpenMetrics true if the server offers OpenMetrics; the /metrics of Prometheus' programs does not
 */
export function negotiateAnswer(accept: string | undefined, offerOpenMetrics = false): AnswerFormat {
  let escaping: EscapingScheme = "underscores";
  for (const range of acceptRanges(accept ?? "")) {
    const wanted = range.parameters.get("escaping") as EscapingScheme | undefined;
    if (wanted !== undefined && ESCAPING_SCHEMES.includes(wanted)) escaping = wanted;
    const contentType = answerType(range, offerOpenMetrics);
    if (contentType !== undefined) {
      return { ...contentType, escaping, contentType: `${contentType.contentType}; escaping=${escaping}` };
    }
  }
  return { format: "text", escaping, contentType: `${TEXT_TYPE}; escaping=${escaping}` };
}

const TEXT_TYPE = "text/plain; version=0.0.4; charset=utf-8";
const PROTOBUF_TYPE = "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited";

function answerType(range: AcceptRange, openMetrics: boolean): { format: BodyFormat; contentType: string } | undefined {
  const version = range.parameters.get("version") ?? "";
  if (range.media === "application/vnd.google.protobuf") {
    const family = range.parameters.get("proto") === "io.prometheus.client.MetricFamily";
    const delimited = range.parameters.get("encoding") === "delimited";
    return family && delimited ? { format: "protobuf", contentType: PROTOBUF_TYPE } : undefined;
  }
  if (range.media === "text/plain" && (version === "0.0.4" || version === "")) {
    return { format: "text", contentType: TEXT_TYPE };
  }
  const known = version === "" || version === "0.0.1" || version === "1.0.0";
  if (!openMetrics || range.media !== "application/openmetrics-text" || !known) return undefined;
  const shown = version === "1.0.0" ? "1.0.0" : "0.0.1";
  return { format: "openmetrics", contentType: `application/openmetrics-text; version=${shown}; charset=utf-8` };
}

/** Returns the media types of an Accept header by descending weight. Types of equal weight keep their order. */
function acceptRanges(accept: string): AcceptRange[] {
  return accept
    .split(",")
    .map((part) => {
      const [media, ...rest] = part.split(";").map((piece) => piece.trim());
      const parameters = new Map(
        rest.map((piece) => {
          const at = piece.indexOf("=");
          return [
            piece.slice(0, at).trim().toLowerCase(),
            piece
              .slice(at + 1)
              .trim()
              .replaceAll('"', ""),
          ] as const;
        }),
      );
      const weight = Number(parameters.get("q") ?? 1);
      return { media: media!.toLowerCase(), parameters, weight: Number.isNaN(weight) ? 1 : weight };
    })
    .toSorted((a, b) => b.weight - a.weight);
}
