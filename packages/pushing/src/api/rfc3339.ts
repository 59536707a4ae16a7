/** A moment as Go prints it with nanoseconds: trailing zeros of the fraction left out, UTC. */
export function formatRfc3339Nano(ms: number): string {
  const whole = Math.floor(ms / 1000);
  const nanoseconds = Math.min(999_999_999, Math.round((ms - whole * 1000) * 1e6));
  const seconds = new Date(whole * 1000).toISOString().slice(0, 19);
  const fraction = String(nanoseconds).padStart(9, "0").replace(/0+$/, "");
  return `${seconds}${fraction === "" ? "" : `.${fraction}`}Z`;
}
