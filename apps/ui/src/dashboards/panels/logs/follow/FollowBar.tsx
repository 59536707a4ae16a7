import { VisuallyHidden } from "@mantine/core";
import { IconPlayerPlay, IconPlayerStop } from "@tabler/icons-react";
import { classesOf } from "../../../../shell/style-sheet.ts";
import styles from "./FollowBar.module.css";

const css = classesOf(styles);

interface FollowBarProps {
  readonly isOn: boolean;
  readonly onToggle: () => void;
  /** Why new lines could not be requested. */
  readonly error: string | undefined;
}

/** The button that starts and stops the requests for new log lines. */
export function FollowBar({ isOn, onToggle, error }: FollowBarProps) {
  const Icon = isOn ? IconPlayerStop : IconPlayerPlay;
  return (
    <div className={css("bar")}>
      <button type="button" className={css("button")} aria-pressed={isOn} onClick={onToggle}>
        <Icon size={13} aria-hidden /> Follow
      </button>
      <span role="status" className={error === undefined ? undefined : css("note")}>
        {error ?? (isOn && <VisuallyHidden>New lines appear at the top.</VisuallyHidden>)}
      </span>
    </div>
  );
}
