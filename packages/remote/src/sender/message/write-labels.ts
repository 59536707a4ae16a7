import type { WireWriter } from "@narthex/bytes";
import type { Labels } from "@narthex/model";

/** Encodes labels for remote write 1.0. Labels are field 1, both in series and in exemplars. */
export function writeLabels(out: WireWriter, { pairs }: Labels): void {
  for (let i = 0; i < pairs.length; i += 2) {
    out.message(1, () => {
      out.string(1, pairs[i]!);
      out.string(2, pairs[i + 1]!);
    });
  }
}
