import { TimeSlice } from "../time/time-slice.ts";

/**
 * Text that precedes each series in the JSON except the first. The text cannot occur within a JSON string, because
 * quotes are escaped there.
 */
const nextSeries = ',{"metric":';
const firstSeries = '"result":[{"metric":';

/**
 * Parses a query response one series at a time while it arrives, because parsing a large response at once would block
 * the page for seconds. Responses without a list of series are parsed at once.
 */
export async function readMatrixJson(response: Response, signal?: AbortSignal): Promise<unknown> {
  if (response.body === null) return response.json();
  const slice = new TimeSlice(signal);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  const series: unknown[] = [];
  let head = "";
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    text += value;
    if (head === "") {
      const at = text.indexOf(firstSeries);
      if (at === -1) continue;
      const begin = at + firstSeries.indexOf("{");
      head = text.slice(0, begin);
      text = text.slice(begin);
    }
    let from = 0;
    for (let end = text.indexOf(nextSeries); end !== -1; end = text.indexOf(nextSeries, from)) {
      series.push(JSON.parse(text.slice(from, end)));
      from = end + 1;
      if (slice.isOver) await slice.next();
    }
    text = text.slice(from);
  }
  if (head === "") return JSON.parse(text);
  // Builds a valid response from the text before the first series and the text of the last series. The other series are
  // then added to its list.
  const envelope = JSON.parse(head + text) as { readonly data: { readonly result: unknown[] } };
  return { ...envelope, data: { ...envelope.data, result: series.concat(envelope.data.result) } };
}
