/** A door: a place where bytes from outside enter a role (one server of the product), such as a parameter of a URL. */
export interface Door {
  readonly role: "server" | "alertmanager" | "pushgateway" | "dashboards" | "node-exporter";
  /** Name in the report, such as `GET /api/v1/query?time=`. */
  readonly name: string;
  /** Valid inputs. The test inflates them: it makes them long, deep or extreme. */
  readonly seeds: readonly string[];
  /** Longest input in characters. An input is inflated to this length, or to a fraction of it. */
  readonly most: number;
  /** How the input enters. */
  readonly entry: Entry;
  /** HTTP status of the answer to a valid input. If undefined, any success is accepted. */
  readonly status?: number;
}

/** How an input enters the role: in a request, or in an answer to the role's own request. */
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
  /** The input is the text that the role scrapes, or the target list that HTTP discovery reads. */
  | { readonly kind: "page"; readonly type: string }
  | { readonly kind: "content type" }
  | { readonly kind: "target list" };

/** Reports whether the role fetches the input itself, instead of receiving it in a request. */
export const isFetched = ({ entry }: Door): boolean =>
  entry.kind === "page" || entry.kind === "content type" || entry.kind === "target list";
