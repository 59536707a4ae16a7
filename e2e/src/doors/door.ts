/** An entry point through which bytes from outside reach a server, for example a URL parameter. */
export interface Door {
  readonly role: "server" | "alertmanager" | "pushgateway" | "dashboards" | "node-exporter";
  /** Name of the entry point in the report, such as `GET /api/v1/query?time=`. */
  readonly name: string;
  /** Valid inputs of the entry point, which the test makes long, deep or extreme. */
  readonly seeds: readonly string[];
  /** Maximum length of an input in characters. */
  readonly most: number;
  readonly entry: Entry;
  /** HTTP status of the server's answer to a valid input. If undefined, any success is accepted. */
  readonly status?: number;
}

/** How an input reaches the server: in a request, or in an answer to the server's own request. */
export type Entry =
  | { readonly kind: "parameter"; readonly path: string; readonly name: string; readonly rest?: string }
  /**
   * The input is a part of the request path, between `path` and `rest`. Characters that a URL cannot contain are
   * percent-encoded.
   */
  | { readonly kind: "path"; readonly method: string; readonly path: string; readonly rest?: string }
  /** The input is a header of a GET request, or of a POST request if there is a body. */
  | { readonly kind: "header"; readonly path: string; readonly name: string; readonly body?: string }
  | { readonly kind: "body"; readonly method: string; readonly path: string; readonly type: string }
  /** The input is a remote write body, which is compressed with snappy. */
  | { readonly kind: "snappy"; readonly path: string; readonly type: string }
  /** The input is an exposition that the server scrapes, or a target list that HTTP discovery reads. */
  | { readonly kind: "page"; readonly type: string }
  | { readonly kind: "content type" }
  | { readonly kind: "target list" };

/** Reports whether the server fetches the inputs of an entry point, instead of receiving them in requests. */
export const isFetched = ({ entry }: Door): boolean =>
  entry.kind === "page" || entry.kind === "content type" || entry.kind === "target list";
