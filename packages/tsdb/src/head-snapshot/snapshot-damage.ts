/** The snapshot is not whole; the head it was read into is of no use. */
export class SnapshotDamage extends Error {
  override readonly name = "SnapshotDamage";
}
