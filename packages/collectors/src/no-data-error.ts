/**
 * Error that the host does not have the data that a collector reads. The collector then reports success 0 and logs no
 * error, like ErrNoData in node_exporter.
 */
export class NoDataError extends Error {
  override readonly name = "NoData";
}
