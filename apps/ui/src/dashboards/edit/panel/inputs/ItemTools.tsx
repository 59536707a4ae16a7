import { IconArrowDown, IconArrowUp, IconEye, IconEyeOff, IconTrash } from "@tabler/icons-react";
import { Tool } from "./Tool.tsx";

interface MoveToolsProps {
  /** Name of the item for screen readers. */
  readonly name: string;
  readonly isFirst?: boolean;
  readonly isLast?: boolean;
  /** Moves the item up (-1) or down (1) in its list. */
  readonly onMove: (by: number) => void;
}

/** Buttons that move an item of a list up and down. */
export const MoveTools = ({ name, isFirst = false, isLast = false, onMove }: MoveToolsProps) => (
  <>
    <Tool label={`Move ${name} up`} isDisabled={isFirst} onClick={() => onMove(-1)}>
      <IconArrowUp size={14} />
    </Tool>
    <Tool label={`Move ${name} down`} isDisabled={isLast} onClick={() => onMove(1)}>
      <IconArrowDown size={14} />
    </Tool>
  </>
);

export const RemoveTool = ({ name, onClick }: { name: string; onClick: () => void }) => (
  <Tool label={`Remove ${name}`} onClick={onClick}>
    <IconTrash size={14} />
  </Tool>
);

interface HideToolProps {
  readonly label: string;
  readonly isHidden: boolean;
  readonly onHide: (hide: boolean) => void;
}

/** A button that hides or disables an item. */
export const HideTool = ({ label, isHidden, onHide }: HideToolProps) => (
  <Tool label={label} isPressed={isHidden} onClick={() => onHide(!isHidden)}>
    {isHidden ? <IconEyeOff size={14} /> : <IconEye size={14} />}
  </Tool>
);
