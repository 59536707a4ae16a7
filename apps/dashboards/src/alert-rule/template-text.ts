import { unitForm, type UnitForm } from "@narthex/dashboards";
import { isLegacyLabelName, quote } from "@narthex/model";

/**
 * Escapes a text so that a rule template shows it unchanged. Even a single brace is escaped, because the next text may
 * begin with another one.
 */
export const verbatimText = (text: string): string => text.replaceAll(/\{+/g, (braces) => `{{ ${quote(braces)} }}`);

/** Returns a template that shows a label's value. */
export const labelTemplate = (name: string): string =>
  isLegacyLabelName(name) ? `{{ $labels.${name} }}` : `{{ index $labels ${quote(name)} }}`;

const NUMBER = "{{ $value | humanize }}";
const DIGITS = '{{ printf "%.4g" $value }}';
const SI_PREFIXES = ["", "k", "M", "G", "T", "P", "E", "Z", "Y"];
const SMALL_PREFIXES = ["", "m", "µ", "n"];

const siPrefix = (offset: number): string =>
  (offset < 0 ? SMALL_PREFIXES[-offset] : SI_PREFIXES[offset]) ?? `10^${3 * offset} `;
const iecPrefix = (offset: number): string => (offset === 0 ? "" : `${SI_PREFIXES[offset]!.toUpperCase()}i`);

function ofForm(form: UnitForm): string {
  switch (form[0]) {
    case "percent":
      return '{{ printf "%.1f" $value }}%';
    case "percentOfOne":
      return "{{ $value | humanizePercentage }}";
    case "si":
    case "iec": {
      const [kind, symbol, offset = 0] = form;
      // Values with a prefix, such as kilobytes, are shown as a number with the unit, because the template functions
      // expect values in the base unit.
      if (offset !== 0) return `${DIGITS} ${(kind === "si" ? siPrefix : iecPrefix)(offset)}${verbatimText(symbol)}`;
      return `{{ $value | ${kind === "si" ? "humanize" : "humanize1024"} }}${verbatimText(symbol)}`;
    }
    case "time":
      return form[1] === "s" ? "{{ $value | humanizeDuration }}" : `${DIGITS} ${form[1]}`;
    case "duration":
    case "clock":
      return form[1] === 1000 ? "{{ $value | humanizeDuration }}" : `${DIGITS} ms`;
    case "fixed":
    case "count":
    case "currencyAfter":
      return form[1] === "" ? NUMBER : `${NUMBER} ${verbatimText(form[1])}`;
    case "currency":
      return `${verbatimText(form[1])}${NUMBER}`;
    default:
      return NUMBER;
  }
}

/**
 * Returns a rule template that formats an alert's value as a panel with this unit does, as far as template functions
 * allow.
 */
export function valueTemplate(unit: string): string {
  const form = unitForm(unit);
  if (form !== undefined) return ofForm(form);
  const colon = unit.indexOf(":");
  const rest = verbatimText(unit.slice(colon + 1));
  if (colon < 0) return unit === "" ? NUMBER : `${NUMBER} ${verbatimText(unit)}`;
  if (unit.startsWith("suffix:") || unit.startsWith("count:")) return `${NUMBER} ${rest}`;
  if (unit.startsWith("prefix:")) return `${rest}${NUMBER}`;
  return NUMBER;
}
