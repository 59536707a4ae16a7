import { UnstyledButton } from "@mantine/core";
import { classesOf } from "./style-sheet.ts";
import styles from "./TextButton.module.css";

const css = classesOf(styles);

/** A button that looks like a link in small type. */
export const TextButton = UnstyledButton.withProps({ classNames: { root: css("button") } });
