"""What the operator may put in the place of ours: the catalogue of models and the film templates."""

from server.settings import Settings, SettingsError
from tools.catalogue.catalogue import Catalogue
from tools.catalogue.reading import WrongCatalogue, read_models
from tools.errors import UnknownVideoModel
from tools.library.library import Library
from tools.library.reading import WrongTemplates, read_templates

MISSING_PROVIDERS = {"replicate": "REPLICATE_API_KEY is not set"}


def catalogue_for(settings: Settings) -> Catalogue:
    """Raises SettingsError, with the row and the reason."""
    try:
        file = settings.catalogue_path
        return Catalogue(
            models=read_models() if file is None else read_models(file),
            missing=MISSING_PROVIDERS,
            substitution=settings.model_substitution,
            default_model=settings.default_video_model,
        )
    except (WrongCatalogue, UnknownVideoModel) as error:
        raise SettingsError(str(error)) from error


def library_for(settings: Settings, catalogue: Catalogue) -> Library:
    """Raises SettingsError, with the file, the row and the reason."""
    try:
        return Library(
            read_templates(
                settings.templates_path,
                default_model=settings.default_video_model,
                known_models=tuple(offer.model.key for offer in catalogue.offers()),
            )
        )
    except WrongTemplates as error:
        raise SettingsError(f"TEMPLATES_PATH: {error}") from error
