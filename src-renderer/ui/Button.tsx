/** Buttons: words that are verbs, with an icon and the shortcut where there is one. */
import type { ButtonHTMLAttributes, ReactNode, Ref } from "react";
import { shortcutText } from "../lib/shortcuts.ts";
import styles from "./Button.module.css";
import { classes } from "./classes.ts";
import { Icon, type IconName } from "./icons.tsx";

export interface ButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, "children"> {
  readonly kind?: "plain" | "primary" | "danger" | "ghost" | "link";
  readonly size?: "small" | "normal" | "large";
  readonly icon?: IconName | undefined;
  /** As in the table of commands: `Mod+S`. */
  readonly shortcut?: string | undefined;
  readonly children: ReactNode;
  readonly ref?: Ref<HTMLButtonElement>;
}

export function Button({ kind = "plain", size = "normal", icon, shortcut, children, className, ...rest }: ButtonProps) {
  return (
    <button type="button" className={classes(styles.button, styles[kind], styles[size], className)} {...rest}>
      {icon && <Icon name={icon} size={14} />}
      <span>{children}</span>
      {shortcut && <kbd>{shortcutText(shortcut)}</kbd>}
    </button>
  );
}

export interface IconButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, "children"> {
  readonly icon: IconName;
  /** What it does: its name for everybody, and its tooltip. */
  readonly label: string;
  readonly shortcut?: string | undefined;
  readonly ref?: Ref<HTMLButtonElement>;
}

export function IconButton({ icon, label, shortcut, className, ...rest }: IconButtonProps) {
  return (
    <button
      type="button"
      className={classes(styles.iconButton, className)}
      aria-label={label}
      title={shortcut ? `${label}  ${shortcutText(shortcut)}` : label}
      {...rest}
    >
      <Icon name={icon} size={15} />
    </button>
  );
}
