// What the page uses of Lit 3, for tsc. https://lit.dev/docs/api
export interface TemplateResult { _$litType$: number; strings: TemplateStringsArray; values: unknown[] }
export interface CSSResult { readonly cssText: string; readonly styleSheet: CSSStyleSheet | undefined }
export declare const html: (strings: TemplateStringsArray, ...values: unknown[]) => TemplateResult;
export declare const svg: (strings: TemplateStringsArray, ...values: unknown[]) => TemplateResult;
export declare const css: (strings: TemplateStringsArray, ...values: unknown[]) => CSSResult;
export declare const nothing: unique symbol;
export declare const noChange: unique symbol;
export declare function render(value: unknown, container: HTMLElement | DocumentFragment, options?: object): object;
export interface PropertyDeclaration { type?: unknown; attribute?: boolean | string; state?: boolean; reflect?: boolean; hasChanged?(value: unknown, old: unknown): boolean }
export declare class LitElement extends HTMLElement {
  static properties: Record<string, PropertyDeclaration>;
  static styles: CSSResult | CSSResult[];
  readonly updateComplete: Promise<boolean>;
  readonly isUpdatePending: boolean;
  hasUpdated: boolean;
  renderRoot: HTMLElement | DocumentFragment;
  requestUpdate(name?: PropertyKey, old?: unknown): void;
  performUpdate(): void;
  connectedCallback(): void;
  disconnectedCallback(): void;
  protected createRenderRoot(): HTMLElement | DocumentFragment;
  protected render(): unknown;
  protected shouldUpdate(changed: Map<PropertyKey, unknown>): boolean;
  protected willUpdate(changed: Map<PropertyKey, unknown>): void;
  protected updated(changed: Map<PropertyKey, unknown>): void;
  protected firstUpdated(changed: Map<PropertyKey, unknown>): void;
}
export interface Ref<T = Element> { readonly value?: T }
export declare function createRef<T = Element>(): Ref<T>;
export declare function ref(target: Ref<any> | ((element: any) => void)): unknown;
export declare function repeat<T>(items: Iterable<T>, key: (item: T, index: number) => unknown, template: (item: T, index: number) => unknown): unknown;
export declare function classMap(classes: Record<string, unknown>): unknown;
export declare function live(value: unknown): unknown;
export declare function keyed(key: unknown, value: unknown): unknown;
