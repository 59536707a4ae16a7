import { TimeSlice } from "../time/time-slice.ts";

/** What stands before each series but the first. It is in no string: there the quotation mark would have a backslash. */
const nextSeries = ',{"metric":';
const firstSeries = '"result":[{"metric":';

/**
 * Parses the JSON of an answer whose result is a list of series as it arrives, series by series and in time slices: a large
 * one as a whole would hold the page for seconds. What has no such list is parsed at once.
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
  // What is left begins with the last series: the answer with that one alone, then the others before it.
  const envelope = JSON.parse(head + text) as { readonly data: { readonly result: unknown[] } };
  return { ...envelope, data: { ...envelope.data, result: series.concat(envelope.data.result) } };
}
