/** A place at which bytes from outside enter a role. */
export interface Door {
  readonly role: "server" | "alertmanager" | "pushgateway";
  /** What enters there, for the report: `GET /api/v1/query?time=`. */
  readonly name: string;
  /** Inputs that are valid; each is pumped. */
  readonly seeds: readonly string[];
  /** The characters that the door lets in; an input is pumped to this length, or to a share of it. */
  readonly most: number;
  /** How the input gets there. */
  readonly entry: Entry;
}

/** A parameter, a path or a body of a request, or what a target answers when the server scrapes it. */
export type Entry =
  | { readonly kind: "parameter"; readonly path: string; readonly name: string; readonly rest?: string }
  /** Behind the path; what a URL cannot hold is percent-encoded. */
  | { readonly kind: "path"; readonly method: string; readonly path: string }
  | { readonly kind: "header"; readonly path: string; readonly name: string }
  | { readonly kind: "body"; readonly method: string; readonly path: string; readonly type: string }
  /** Remote write: the body is packed by snappy. */
  | { readonly kind: "snappy"; readonly path: string; readonly type: string }
  /** A scraped page, or the list that HTTP discovery reads. */
  | { readonly kind: "page"; readonly type: string }
  | { readonly kind: "content type" }
  | { readonly kind: "target list" };
