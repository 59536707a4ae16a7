import { UnstyledButton } from "@mantine/core";
import type { ReactNode } from "react";
import { classesOf } from "../shell/style-sheet.ts";
import styles from "./PickList.module.css";

const css = classesOf(styles);

export function PickList({ children }: { children: ReactNode }) {
  return <div className={css("list")}>{children}</div>;
}

export const Pick = UnstyledButton.withProps({ classNames: { root: css("pick") } });
