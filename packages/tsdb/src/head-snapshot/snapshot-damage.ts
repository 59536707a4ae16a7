/** The snapshot is incomplete; the head that it was loaded into must be discarded. */
export class SnapshotDamage extends Error {
  override readonly name = "SnapshotDamage";
}
