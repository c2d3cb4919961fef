/** A labelled text field, with what is wrong said under it. */
import { type InputHTMLAttributes, type Ref, useId } from "react";
import { classes } from "./classes.ts";
import styles from "./Field.module.css";

export interface FieldProps extends Omit<InputHTMLAttributes<HTMLInputElement>, "id"> {
  readonly label: string;
  readonly hint?: string;
  readonly error?: string | null;
  readonly isMono?: boolean;
  readonly ref?: Ref<HTMLInputElement>;
}

export function Field({ label, hint, error, isMono = false, ...rest }: FieldProps) {
  const id = useId();
  const noteId = `${id}-note`;
  const note = error ?? hint;
  return (
    <div className={styles.field}>
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        className={classes(styles.input, isMono && styles.mono)}
        aria-invalid={error ? true : undefined}
        aria-describedby={note ? noteId : undefined}
        autoComplete="off"
        spellCheck={false}
        {...rest}
      />
      {note && (
        <span id={noteId} className={error ? styles.error : styles.hint} role={error ? "alert" : undefined}>
          {note}
        </span>
      )}
    </div>
  );
}
