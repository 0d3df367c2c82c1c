"""What the operator may lay over ours: the catalogue of models and the film templates."""

from server.settings import Settings, SettingsError
from tools.catalogue.catalogue import Catalogue
from tools.catalogue.reading import WrongCatalogue, read_models
from tools.errors import UnknownVideoModel
from tools.library.library import Library
from tools.library.reading import WrongTemplates, read_templates

NO_REPLICATE_KEY = "REPLICATE_API_KEY is not set"


def catalogue_for(settings: Settings) -> Catalogue:
    """Our models with the operator's rows over them. Raises SettingsError: the file, line and reason."""
    try:
        return Catalogue(
            models=read_models(settings.catalogue_path),
            missing={} if settings.replicate_token else {"replicate": NO_REPLICATE_KEY},
            substitution=settings.model_substitution,
            default_model=settings.default_video_model,
        )
    except (WrongCatalogue, UnknownVideoModel) as error:
        message = f"CATALOGUE_PATH: {error}" if isinstance(error, WrongCatalogue) else str(error)
        raise SettingsError(message) from error


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
