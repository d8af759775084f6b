/** The user's settings of this plugin, as the settings editor has them (schema/plugin.json). */
import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import { Signal } from '@lumino/signaling';
import type { RunMode } from './protocol';

export class Preferences {
  readonly changed = new Signal<this, void>(this);
  /** Not before the settings are known: an administrator may have switched it off. */
  enabled = false;
  lightbulb = true;
  errorBar = true;
  hover = true;
  openPanel = true;
  runMode: RunMode = 'needed';

  /** Follow the settings; the defaults stand where there are none, or where they cannot be loaded. */
  async follow(registry: ISettingRegistry | null, pluginId: string): Promise<void> {
    try {
      const settings = (await registry?.load(pluginId)) ?? null;
      this.settings = settings;
      settings?.changed.connect(this.take, this);
      this.take(settings ?? { composite: {} });
    } catch (error) {
      console.warn('ai-notebook-ls: the settings cannot be loaded, the defaults stand.', error);
      this.take({ composite: {} });
    }
  }

  /** Whether the assistant works in a notebook, by its path. */
  isOn(path: string): boolean {
    return this.enabled && !this.offFor.includes(path);
  }

  /** Switch the assistant on or off in one notebook. */
  async switch(path: string, on: boolean): Promise<void> {
    const others = this.offFor.filter(each => each !== path);
    this.offFor = on ? others : [...others, path];
    this.changed.emit();
    await this.settings?.set('offFor', this.offFor);
  }

  private take({ composite }: Pick<ISettingRegistry.ISettings, 'composite'>): void {
    this.enabled = composite['enabled'] !== false;
    this.offFor = (composite['offFor'] ?? []) as string[];
    this.lightbulb = composite['lightbulb'] !== false;
    this.errorBar = composite['errorBar'] !== false;
    this.hover = composite['hover'] !== false;
    this.openPanel = composite['openPanel'] !== false;
    this.runMode = (composite['runMode'] ?? 'needed') as RunMode;
    this.changed.emit();
  }

  private offFor: string[] = [];
  private settings: ISettingRegistry.ISettings | null = null;
}
