"""Where catalogues are kept: folders that people edit, and the versions that were published."""

from services.catalog.store.folder import bundled_folder, read_folder, save_folder

__all__ = ["bundled_folder", "read_folder", "save_folder"]
