// @ts-check

const DAY_MS = 86_400_000;

/** @type {import("./narthex-plugin.d.ts").PanelModule["render"]} */
export function render(element, { frames, options, range, timeZone }, { setTimeRange }) {
  const dayOf = new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short" });
  const sums = new Map();
  for (const { fields } of frames) {
    const times = fields.find(({ type }) => type === "time")?.values ?? [];
    for (const { type, values } of fields) {
      if (type !== "number") continue;
      values.forEach((value, row) => {
        const day = dayOf.format(Number(times[row]));
        if (value !== null) sums.set(day, (sums.get(day) ?? 0) + Number(value));
      });
    }
  }
  const most = Math.max(1, ...sums.values());
  const days = document.createElement("div");
  days.style.cssText = "display: flex; flex-wrap: wrap; gap: 4px";
  for (let time = range.from; time < range.to; time += DAY_MS) {
    const day = dayOf.format(time);
    const sum = sums.get(day) ?? 0;
    const square = document.createElement("button");
    square.textContent = day.slice(-2);
    square.title = `${day}: ${sum}`;
    square.style.cssText = "width: 36px; height: 36px; border: 1px solid gray; color: inherit; cursor: pointer";
    square.style.background = `color-mix(in srgb, ${options.color} ${Math.round((sum / most) * 100)}%, transparent)`;
    square.onclick = () => setTimeRange({ from: time, to: time + DAY_MS });
    days.append(square);
  }
  element.replaceChildren(days);
}
