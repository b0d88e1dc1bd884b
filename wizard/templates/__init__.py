"""Starter templates: those of the program, and those in the user's folder."""

from wizard.templates.library import (
    Found,
    all_templates,
    find_template,
    own_folder,
    template_names,
)
from wizard.templates.template import Template

__all__ = ["Found", "Template", "all_templates", "find_template", "own_folder", "template_names"]
