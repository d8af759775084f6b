/** The user's settings of this plugin, as the settings editor has them (schema/plugin.json). */
import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import { Signal } from '@lumino/signaling';
import type { RunMode } from './protocol';

export class Preferences {
  readonly changed = new Signal<this, void>(this);
  lightbulb = true;
  hover = true;
  openPanel = true;
  runMode: RunMode = 'needed';

  /** Follow the settings; the defaults stand where they cannot be loaded. */
  async follow(registry: ISettingRegistry, pluginId: string): Promise<void> {
    const settings = await registry.load(pluginId);
    settings.changed.connect(this.take, this);
    this.take(settings);
  }

  private take({ composite }: ISettingRegistry.ISettings): void {
    this.lightbulb = composite['lightbulb'] !== false;
    this.hover = composite['hover'] !== false;
    this.openPanel = composite['openPanel'] !== false;
    this.runMode = composite['runMode'] as RunMode;
    this.changed.emit();
  }
}
