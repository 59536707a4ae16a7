/** A place at which bytes from outside enter a role. */
export interface Door {
  readonly role: "server" | "alertmanager" | "pushgateway" | "dashboards" | "node-exporter";
  /** What enters there, for the report: `GET /api/v1/query?time=`. */
  readonly name: string;
  /** Inputs that are valid; each is pumped. */
  readonly seeds: readonly string[];
  /** The characters that the door lets in; an input is pumped to this length, or to a share of it. */
  readonly most: number;
  /** How the input gets there. */
  readonly entry: Entry;
  /** The status that a valid input gets; default any of success. */
  readonly status?: number;
}

/** How an input enters: in a request, or in an answer that the role fetches. */
export type Entry =
  | { readonly kind: "parameter"; readonly path: string; readonly name: string; readonly rest?: string }
  /** Between the path and the rest of it; what a URL cannot hold is percent-encoded. */
  | { readonly kind: "path"; readonly method: string; readonly path: string; readonly rest?: string }
  /** A header of a GET request, or of a POST request with a body. */
  | { readonly kind: "header"; readonly path: string; readonly name: string; readonly body?: string }
  | { readonly kind: "body"; readonly method: string; readonly path: string; readonly type: string }
  /** Remote write: the body is packed by snappy. */
  | { readonly kind: "snappy"; readonly path: string; readonly type: string }
  /** A scraped page, or the list that HTTP discovery reads. */
  | { readonly kind: "page"; readonly type: string }
  | { readonly kind: "content type" }
  | { readonly kind: "target list" };

/** Reports whether the role fetches the input itself, instead of receiving it in a request. */
export const isFetched = ({ entry }: Door): boolean =>
  entry.kind === "page" || entry.kind === "content type" || entry.kind === "target list";
