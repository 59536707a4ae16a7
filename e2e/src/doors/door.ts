/** A place where bytes from outside enter a role. */
export interface Door {
  readonly role: "server" | "alertmanager" | "pushgateway" | "dashboards" | "node-exporter";
  /** Name in the report, such as `GET /api/v1/query?time=`. */
  readonly name: string;
  /** Valid inputs. The test inflates each of them. */
  readonly seeds: readonly string[];
  /** Longest input in characters. An input is inflated to this length, or to a share of it. */
  readonly most: number;
  /** How the input enters. */
  readonly entry: Entry;
  /** The status of a valid input; default: any success. */
  readonly status?: number;
}

/** How an input enters: in a request, or in an answer that the role fetches. */
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
  /** The input is a scraped page, or the target list that HTTP discovery reads. */
  | { readonly kind: "page"; readonly type: string }
  | { readonly kind: "content type" }
  | { readonly kind: "target list" };

/** Reports whether the role fetches the input itself, instead of receiving it in a request. */
export const isFetched = ({ entry }: Door): boolean =>
  entry.kind === "page" || entry.kind === "content type" || entry.kind === "target list";
