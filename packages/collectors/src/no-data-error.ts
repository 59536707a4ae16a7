/** The host lacks what a collector reads: success 0, and no error in the log. node_exporter has ErrNoData for it. */
export class NoDataError extends Error {
  override readonly name = "NoData";
}
