/** The Menu and MenuItem classes. Nothing is drawn: a test finds an item and clicks it. */
import { EventEmitter } from "node:events";
import { app } from "../app/app.mjs";
import { recordCall } from "../calls.mjs";
import { emitCancelable } from "../event.mjs";
import { focusedWindow } from "../window/focus.mjs";
import { windows } from "../window/registry.mjs";
import { executeRole, roleOf } from "./menu-roles.mjs";

const TYPES = ["normal", "separator", "submenu", "checkbox", "radio", "header", "palette"];

let nextCommandId = 1;

export class MenuItem {
  /** @param {Record<string, any>} options */
  constructor(options) {
    Object.assign(this, options);
    this.role = typeof options.role === "string" ? options.role.toLowerCase() : undefined;
    const role = roleOf(this.role);
    const submenu = options.submenu ?? role?.submenu;
    if (submenu !== undefined) this.submenu = submenu instanceof Menu ? submenu : Menu.buildFromTemplate(submenu);
    this.type = options.type ?? (this.submenu ? "submenu" : "normal");
    if (!TYPES.includes(this.type)) throw new Error(`Unknown menu item type: ${this.type}`);
    if (this.type === "submenu" && !this.submenu) throw new Error("Invalid submenu");
    this.accelerator = options.accelerator ?? role?.accelerator ?? null;
    this.label = options.label ?? role?.label ?? "";
    this.sublabel = options.sublabel ?? "";
    this.toolTip = options.toolTip ?? "";
    this.enabled = options.enabled ?? true;
    this.visible = options.visible ?? true;
    this.checked = options.checked ?? false;
    this.acceleratorWorksWhenHidden = options.acceleratorWorksWhenHidden ?? true;
    this.registerAccelerator = options.registerAccelerator ?? !role?.keysAreThePages;
    this.commandId = nextCommandId++;
    this.click = makeClick(this, options.click);
  }

  /** The items of a radio group: those of its menu between two separators. */
  get _group() {
    const items = this.menu?.items ?? [this];
    const at = items.indexOf(this);
    const isEdge = (item) => item.type === "separator";
    const start = items.findLastIndex((item, index) => index < at && isEdge(item)) + 1;
    const end = items.findIndex((item, index) => index > at && isEdge(item));
    return items.slice(start, end < 0 ? undefined : end).filter((item) => item.type === "radio");
  }
}

/** @param {MenuItem & Record<string, any>} item @param {Function | undefined} listener */
function makeClick(item, listener) {
  return (event, window, webContents) => {
    if (item.type === "checkbox") item.checked = !item.checked;
    if (item.type === "radio") for (const other of item._group) other.checked = other === item;
    if (executeRole(item.role, window, webContents)) return;
    if (typeof listener === "function") listener(item, window, event);
  };
}

/** Separators at the edges and next to each other are left out, unless they are hidden ones. */
function withoutStraySeparators(items) {
  const isSeparator = (item) => item?.type === "separator" && item.visible !== false;
  const folded = items.filter((item, index) => !(isSeparator(item) && isSeparator(items[index - 1]) && index > 0));
  return folded.filter((item, index) => !(isSeparator(item) && (index === 0 || index === folded.length - 1)));
}

export class Menu extends EventEmitter {
  static #application = null;
  /** @type {MenuItem[]} */
  items = [];
  /** @type {(() => void) | undefined} what a popup calls when it closes */
  #closed;

  /** @param {Array<Record<string, any> | MenuItem>} template */
  static buildFromTemplate(template) {
    if (!Array.isArray(template)) throw new TypeError("Invalid template for Menu: Menu template must be an array");
    for (const item of template) {
      if (item?.label === undefined && item?.role === undefined && item?.type !== "separator") {
        throw new TypeError("Invalid template for MenuItem: must have at least one of label, role or type");
      }
    }
    const menu = new Menu();
    for (const item of withoutStraySeparators(template))
      menu.append(item instanceof MenuItem ? item : new MenuItem(item));
    return menu;
  }
  /** @param {Menu | null} menu */
  static setApplicationMenu(menu) {
    if (menu !== null && !(menu instanceof Menu)) throw new TypeError("Invalid menu");
    Menu.#application = menu;
  }
  static getApplicationMenu() {
    return Menu.#application;
  }
  static sendActionToFirstResponder() {}

  /** @param {MenuItem} item */
  append(item) {
    this.insert(this.items.length, item);
  }
  /** @param {number} position @param {MenuItem} item */
  insert(position, item) {
    if (!(item instanceof MenuItem)) throw new TypeError("Invalid item");
    if (position < 0) throw new RangeError(`Position ${position} cannot be less than 0`);
    if (position > this.items.length) {
      throw new RangeError(`Position ${position} cannot be greater than the total MenuItem count`);
    }
    item.menu = this;
    this.items.splice(position, 0, item);
  }
  /** @param {string} id @returns {MenuItem | null} */
  getMenuItemById(id) {
    const own = this.items.find((item) => item.id === id);
    if (own) return own;
    for (const { submenu } of this.items) {
      const found = submenu?.getMenuItemById(id);
      if (found) return found;
    }
    return null;
  }

  /** Shows nothing; the menu counts as open until closePopup() is called. @param {Record<string, any>} [options] */
  popup(options = {}) {
    const window = options.window ?? focusedWindow() ?? windows.values().next().value;
    if (!window) throw new Error("Cannot open Menu without a BaseWindow present");
    recordCall("Menu.popup", [{ x: options.x, y: options.y, labels: this.items.map((item) => item.label) }]);
    this.#closed = options.callback;
    emitCancelable(this, "menu-will-show");
  }
  closePopup() {
    const closed = this.#closed;
    this.#closed = undefined;
    emitCancelable(this, "menu-will-close");
    closed?.();
  }
}

app._useMenu({ get: Menu.getApplicationMenu, set: Menu.setApplicationMenu });
