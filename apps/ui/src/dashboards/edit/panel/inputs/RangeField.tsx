import { useDraft } from "../../../../shell/use-draft.ts";
import { classesOf } from "../../../../shell/style-sheet.ts";
import { DraftNumber } from "./DraftNumber.tsx";
import styles from "./RangeField.module.css";

const css = classesOf(styles);

/**
 * Edits a number between two limits with a slider and a text field. The slider applies its value when the user releases
 * it.
 */
export function RangeField({
  label,
  value,
  min,
  max,
  integer,
  onChange,
}: {
  label: string;
  value: number;
  min: number;
  max: number;
  integer: boolean;
  onChange: (value: number | undefined) => void;
}) {
  const [text, setText] = useDraft(String(value));
  const commit = (): void => {
    if (Number(text) !== value) onChange(Number(text));
  };
  return (
    <div className={css("range")}>
      <input
        type="range"
        className={css("slider")}
        aria-label={`${label}: slider`}
        min={min}
        max={max}
        step={integer || max - min >= 10 ? 1 : (max - min) / 20}
        value={text}
        onChange={({ currentTarget }) => setText(currentTarget.value)}
        onPointerUp={commit}
        onKeyUp={commit}
        onBlur={commit}
      />
      <DraftNumber label={label} value={Number(text)} min={min} max={max} integer={integer} onCommit={onChange} />
    </div>
  );
}
