import { type ResponsePiece, PIECE_BYTES, type PieceOptions, PieceWriter } from "../response/response-pieces.ts";
import { JsonBytes } from "../response/json-bytes.ts";
import type { ListingScope } from "./listing.ts";
import { writeLabels } from "../response/query-json.ts";
import { type SeriesSelection, selectSeries, labelsAt } from "./series-selection.ts";
import { type ListingResult, type ListingContext, TRUNCATED } from "./listing-context.ts";

const COMMA = 0x2c;

/** Writes the labels of the selected series, sorted. */
export async function listSeries({ start, end, limit }: ListingScope, context: ListingContext): Promise<ListingResult> {
  const most = limit === 0 ? Infinity : limit;
  const chosen = await selectSeries(context, { start, end }, { func: "series", limit: most + 1 });
  const warnings = chosen.sets.flatMap((set) => set.warnings);
  const count = Math.min(chosen.count, most);
  if (count < chosen.count) warnings.push(TRUNCATED);
  return { warnings, pieces: () => piecesOf(chosen, count, context.job) };
}

function* piecesOf(chosen: SeriesSelection, count: number, options: PieceOptions): Generator<ResponsePiece> {
  const out = new JsonBytes(PIECE_BYTES);
  const cutter = new PieceWriter(options);
  out.text('{"status":"success","data":[');
  for (let i = 0; i < count; i++) {
    if (i > 0) out.byte(COMMA);
    writeLabels(labelsAt(chosen, i), out);
    if (out.length >= PIECE_BYTES) yield cutter.cut(out, false);
  }
  out.text("]");
  yield cutter.cut(out, true);
}
