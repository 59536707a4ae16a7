/** A place where bytes from outside enter a server, for example a parameter of a URL. */
export interface Door {
  readonly role: "server" | "alertmanager" | "pushgateway" | "dashboards" | "node-exporter";
  /** Name in the report, such as `GET /api/v1/query?time=`. */
  readonly name: string;
  /** Valid inputs, which the test makes long, deep or extreme. */
  readonly seeds: readonly string[];
  /** Maximum length of an input in characters. */
  readonly most: number;
  readonly entry: Entry;
  /** HTTP status of the answer to a valid input. If undefined, any success is accepted. */
  readonly status?: number;
}

/** How an input enters the server: in a request, or in an answer to the server's own request. */
export type Entry =
  | { readonly kind: "parameter"; readonly path: string; readonly name: string; readonly rest?: string }
  /**
   * The input is a part of the path, between `path` and `rest`. Characters that a URL cannot contain are
   * percent-encoded.
   */
  | { readonly kind: "path"; readonly method: string; readonly path: string; readonly rest?: string }
  /** The input is a header of a GET request, or of a POST request if there is a body. */
  | { readonly kind: "header"; readonly path: string; readonly name: string; readonly body?: string }
  | { readonly kind: "body"; readonly method: string; readonly path: string; readonly type: string }
  /** The input is a remote write body, which is compressed with snappy. */
  | { readonly kind: "snappy"; readonly path: string; readonly type: string }
  /** The input is the page that the server scrapes, or the target list that HTTP discovery reads. */
  | { readonly kind: "page"; readonly type: string }
  | { readonly kind: "content type" }
  | { readonly kind: "target list" };

/** Reports whether the server fetches the input itself, instead of receiving the input in a request. */
export const isFetched = ({ entry }: Door): boolean =>
  entry.kind === "page" || entry.kind === "content type" || entry.kind === "target list";
