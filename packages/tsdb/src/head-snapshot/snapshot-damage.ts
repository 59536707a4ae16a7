/** Error that a snapshot of the head is incomplete. The head into which it was loaded must be discarded. */
export class SnapshotDamage extends Error {
  override readonly name = "SnapshotDamage";
}
